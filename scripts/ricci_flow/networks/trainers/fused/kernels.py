"""Kernels of `fused`, loaded by `compiled.Kernels`: one network's epoch in compiled code.

Arrays are flat float32 with offsets; a matrix of c columns is stored row by row with its
columns, and what they multiply, padded by zeros to `LANES`. Padding stays zero: its activations,
gradients and updates are zero. `plan` has a row per layer: fan_in, fan_out (both padded), offset
of W in the parameters (b follows it), offset of what enters the layer in the scratch, and fan_in
padded to `INNER` only, past which products need not go; and one more row for the logits.

A block of inputs that is zero on a whole batch (the margins of images) is skipped: it adds
exactly nothing to the products, and its gradient is exactly zero.
"""

import numpy as np
from numba import njit

from ricci_flow.networks.trainers.fused.vectors import INNER, LANES, add_products, prefetch, take

# Nothing is allocated here: see `compiled`.
_kernel = njit(error_model="numpy", _nrt=False)  # type: ignore[call-overload]
_ZERO = np.float32(0.0)


@_kernel
def _multiply(a, a0, down, along, rows, inner, b, b0, out, o0, columns):  # type: ignore[no-untyped-def]
    """Add to out (rows, columns) the product of a (rows, inner) and b (inner, columns).

    a[r, k] lies at a0 + r * down + k * along. Rows run innermost, so that consecutive sums do not
    wait for each other. `rows` even, `inner` a multiple of INNER, `columns` one of LANES.
    """
    for k in range(0, inner, INNER):
        for r in range(0, rows, 2):
            p = a0 + r * down + k * along
            x, y = take(a, p, along), take(a, p + down, along)
            for j in range(0, columns, LANES):
                add_products(out, o0 + r * columns + j, columns, b, b0 + k * columns + j, x, y)


@_kernel
def _gather(X, width, rows, padded, h, seen):  # type: ignore[no-untyped-def]
    """Copy rows of X to the start of h, then zeros up to `padded` rows; mark columns in `seen`."""
    seen[:] = _ZERO
    for i in range(rows.size):
        source = X[rows[i] * width : (rows[i] + 1) * width]
        copy = h[i * width : (i + 1) * width]
        for k in range(width):  # slices, whose indices need no check, become vector code
            copy[k] = source[k]
        for k in range(width):
            seen[k] += abs(source[k])
    h[rows.size * width : padded * width] = _ZERO


@_kernel
def _used(seen, k):  # type: ignore[no-untyped-def]
    total = _ZERO
    for t in range(k, k + INNER):
        total += seen[t]
    return total != _ZERO


@_kernel
def _forward(plan, parameters, padded, h, seen, relu, X, coming):  # type: ignore[no-untyped-def]
    """Fill the scratch h with every layer of the batch that `_gather` put there.

    Meanwhile the rows `coming` of X, those of the next batch, are fetched from memory.
    """
    last = len(plan) - 2
    for layer in range(last + 1):
        fan_in, fan_out, w, entering, live = plan[layer]
        leaving = plan[layer + 1, 3]
        bias = w + fan_in * fan_out
        for i in range(padded):
            start = leaving + i * fan_out
            outputs, biases = h[start : start + fan_out], parameters[bias : bias + fan_out]
            for j in range(fan_out):
                outputs[j] = biases[j]
        for k in range(0, live, INNER):
            if layer == 0 and k % LANES == 0:
                for row in coming:
                    prefetch(X, row * fan_in + k)
            if layer > 0 or _used(seen, k):
                _multiply(h, entering + k, fan_in, 1, padded, INNER,
                          parameters, w + k * fan_out, h, leaving, fan_out)  # fmt: skip
        if relu and layer < last:
            outputs = h[leaving : leaving + padded * fan_out]
            for i in range(outputs.size):
                outputs[i] = _ZERO if outputs[i] < _ZERO else outputs[i]  # NaN passes


@_kernel
def _update(w, squares, g, recipe):  # type: ignore[no-untyped-def]
    """One step of RMSprop (Keras 2.9) for weights w with gradient g."""
    rate, rho, epsilon = recipe
    for i in range(w.size):
        square = rho * squares[i] + (np.float32(1.0) - rho) * (g[i] * g[i])
        squares[i] = square
        w[i] -= rate * g[i] / (np.sqrt(square) + epsilon)


@_kernel
def _score(h, logits, labels, padded, delta):  # type: ignore[no-untyped-def]
    """Return summed loss and right answers; fill delta with the gradient of the mean loss."""
    delta[: padded * LANES] = _ZERO
    loss, hits = 0.0, 0
    for i in range(labels.size):
        z, y = np.float64(h[logits + i * LANES]), np.float64(labels[i])
        small = np.exp(-abs(z))
        loss += (z if z > 0 else 0.0) - z * y + np.log1p(small)
        hits += (z > 0) == (y > 0)
        chance = (1.0 if z >= 0 else small) / (1.0 + small)
        delta[i * LANES] = (chance - y) / labels.size
    return loss, hits


@_kernel
def _backward(plan, parameters, squares, padded, work, recipe, relu):  # type: ignore[no-untyped-def]
    """Go back through the layers, updating each once its gradient has been passed on.

    The gradient exists for INNER rows of W at a time, so it never leaves the nearest cache.
    """
    h, seen, delta, before, turned, g = work
    for layer in range(len(plan) - 2, -1, -1):
        fan_in, fan_out, w, entering, live = plan[layer]
        if layer > 0:
            for j in range(fan_out):
                column = parameters[w + j : w + fan_in * fan_out : fan_out]
                row = turned[j * fan_in : (j + 1) * fan_in]
                for k in range(fan_in):
                    row[k] = column[k]
            before[: padded * fan_in] = _ZERO
            terms = plan[layer + 1, 4]
            _multiply(delta, 0, fan_out, 1, padded, terms, turned, 0, before, 0, fan_in)
            if relu:
                inputs, slopes = h[entering : entering + padded * fan_in], before[: padded * fan_in]
                for i in range(inputs.size):
                    slopes[i] = _ZERO if inputs[i] <= _ZERO else slopes[i]
        for k in range(0, live, INNER):
            start, stop = w + k * fan_out, w + (k + INNER) * fan_out
            if layer > 0 or _used(seen, k):
                g[: stop - start] = _ZERO
                _multiply(h, entering + k, 1, fan_in, INNER, padded, delta, 0, g, 0, fan_out)
                _update(parameters[start:stop], squares[start:stop], g, recipe)
            else:
                idle = squares[start:stop]
                for i in range(idle.size):
                    idle[i] *= recipe[1]
        g[:fan_out] = _ZERO
        for i in range(padded):
            for j in range(fan_out):
                g[j] += delta[i * fan_out + j]
        bias = w + fan_in * fan_out
        _update(parameters[bias : bias + fan_out], squares[bias : bias + fan_out], g, recipe)
        delta, before = before, delta


@_kernel
def run_rows(  # type: ignore[no-untyped-def]
    plan, X, order, labels, batch, parameters, squares,
    h, seen, delta, before, turned, g, rates, relu, train,
):  # fmt: skip
    """Go over rows `order` of X in batches, training or not; return summed loss and hits.

    h .. g: scratch, see `fused`; rates: learning rate, rho and epsilon of RMSprop.
    """
    width = plan[0, 0]
    work, recipe = (h, seen, delta, before, turned, g), (rates[0], rates[1], rates[2])
    loss, hits = 0.0, 0
    for start in range(0, order.size, batch):
        rows = order[start : start + batch]
        padded = (rows.size + INNER - 1) // INNER * INNER
        _gather(X, width, rows, padded, h, seen)
        coming = order[start + batch : start + 2 * batch]
        _forward(plan, parameters, padded, h, seen, relu, X, coming)
        more = _score(h, plan[-1, 3], labels[start : start + batch], padded, delta)
        loss += more[0]
        hits += more[1]
        if train:
            _backward(plan, parameters, squares, padded, work, recipe, relu)
    return loss, hits
