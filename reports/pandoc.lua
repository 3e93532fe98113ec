-- The few constructs of Quarto that the report uses, for a pandoc without Quarto:
-- numbered figures and tables with references to them. Quarto does not load this.

local numbers = {}
local counts = { fig = 0, tbl = 0 }
local words = { fig = "Figure", tbl = "Table" }

local function number(identifier)
  local kind = identifier:match("^(%a+)%-")
  if not words[kind] then return nil end
  if numbers[identifier] then error("two things are called " .. identifier) end
  counts[kind] = counts[kind] + 1
  numbers[identifier] = words[kind] .. "\u{a0}" .. counts[kind]
  return numbers[identifier]
end

local function caption(label, inlines)
  local whole = pandoc.List({ pandoc.Str(label .. ":"), pandoc.Space() })
  whole:extend(inlines)
  return whole
end

-- ![caption](file){#fig-name fig-alt="..."}
local function figure(block)
  local label = number(block.identifier)
  if not label then return nil end
  local first = block.caption.long[1]
  if not first then error(block.identifier .. " has no caption") end
  first.content = caption(label, first.content)
  return block:walk({
    Image = function(image)
      if image.attributes["fig-alt"] then
        image.caption = { pandoc.Str(image.attributes["fig-alt"]) }
        image.attributes["fig-alt"] = nil
      end
      return image
    end,
  })
end

-- ::: {#tbl-name}  a table, then a paragraph that is its caption  :::
local function table_div(block)
  local label = number(block.identifier)
  local last = block.content:remove(#block.content)
  if not last or last.t ~= "Para" then error(block.identifier .. " has no caption") end
  block.content:insert(1, pandoc.RawBlock("html", "<figure>"))
  block.content:insert(2, pandoc.RawBlock("html", "<figcaption>"))
  block.content:insert(3, pandoc.Plain(caption(label, last.content)))
  block.content:insert(4, pandoc.RawBlock("html", "</figcaption>"))
  block.content:insert(pandoc.RawBlock("html", "</figure>"))
  return block
end

local function div(block)
  if block.identifier:match("^tbl%-") then return table_div(block) end
  return nil
end

local function reference(cite)
  local parts = pandoc.List()
  for _, citation in ipairs(cite.citations) do
    local kind = citation.id:match("^(%a+)%-")
    if not words[kind] then
      if kind == "sec" then error("unresolved reference @" .. citation.id) end
      return nil
    end
    local label = numbers[citation.id]
    if not label then error("unresolved reference @" .. citation.id) end
    if #parts > 0 then parts:extend({ pandoc.Str(","), pandoc.Space() }) end
    parts:insert(pandoc.Link(label, "#" .. citation.id, "", { class = "quarto-xref" }))
  end
  return parts
end

-- Number everything in order of the page before any reference is looked up.
return {
  { traverse = "topdown", Figure = figure, Div = div },
  { Cite = reference },
}
