"""Measures of the layers of a network: one module each, named in config/measures.yaml.

A module holds the literals `SCOPE`, `COST` ("low" or "high"; high where a graph of 2000 points
takes more than seconds) and `OPTIONS` (option -> (lowest, highest) allowed number), and a function
`measure` that takes the options as keywords. By its scope this is given and returns:

- edge: `measure(graph)`, one float64 per edge, (m,), in the order of `graph.edges`. The value of a
  layer is their sum. Where that can be computed without single edges, `total(graph)` returns it.
  With the literal `SUBSET = True` it takes an argument `edges`, too, (s, 2) of the graph's, and
  returns the values of these alone.
- layer: `measure(layer)`, a float; layer: a `base.Layer`.
- network: `measure(layers)`, a float; layers: all of a network, a sequence of `base.Layer`.

A measure of a layer or network that has no value raises `base.Undefined` with the reason. A
catalogue entry gives a measure its name, and values to its options; nothing else names it.
"""
