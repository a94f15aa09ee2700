// A plot with its words: caption, drawing that follows the width of the page, and the same figures as a table.
import { freshId, h, table } from "./dom.js";
import { unbroken } from "./format.js";

// The one place that watches sizes: figures are redrawn when their own width changes.
const drawers = new WeakMap();
const watcher = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) redraw(target, Math.floor(contentRect.width));
});

function redraw(target, width) {
  const drawer = drawers.get(target);
  if (!drawer || width < 40 || drawer.width === width) return;
  drawer.width = width;
  target.replaceChildren(drawer.draw(width));
}

// One drawing that fails must not take the others with it.
function drawn(draw, width) {
  try {
    return draw(width);
  } catch (error) {
    console.error(error);
    return null;
  }
}

// figure({ title, says, draw, columns, rows }): says is the sentence a screen reader gets in place of the drawing and everyone
// reads above it; draw(width) returns an <svg>.
export function figure({ title, says, draw, columns, rows, level = 3 }) {
  const id = freshId("figure");
  const canvas = h("div", { class: "plot" });
  drawers.set(canvas, {
    width: 0,
    draw: (width) => {
      const svg = drawn(draw, width);
      if (!svg) return h("p", { class: "soft" }, "This drawing failed; its figures are in the table below.");
      // Plot labels the groups inside; an image is one thing to a screen reader, and its parts may carry no name.
      for (const part of svg.querySelectorAll("[aria-label]")) {
        part.setAttribute("data-mark", part.getAttribute("aria-label"));
        part.removeAttribute("aria-label");
      }
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-labelledby", id);
      svg.setAttribute("aria-describedby", `${id}-says`);
      return svg;
    },
  });
  watcher.observe(canvas);
  return h(
    "figure",
    { "aria-labelledby": id },
    h(
      "figcaption",
      null,
      h(`h${level}`, { id }, title),
      says && h("p", { id: `${id}-says`, class: "soft" }, unbroken(says)),
    ),
    canvas,
    h("details", null, h("summary", null, "The same as a table"), table(title, columns, rows)),
  );
}
