// The blank at scale, in millimetres: paper or scan, what is printed, rulers, and a frame per box.
(function (zc) {
  "use strict";

  const NS = "http://www.w3.org/2000/svg";
  const EDGE = 7; // mm around the paper, for the rulers

  function make(name, attributes, parent) {
    const element = document.createElementNS(NS, name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    if (parent) parent.append(element);
    return element;
  }

  class Board {
    constructor(svg, model, data, signal) {
      this.svg = svg;
      this.model = model;
      this.data = data;
      this.frames = new Map();
      this.zoom = 0; // px per mm; 0: as wide as the window allows
      this.problems = {};
      const { width, height } = model.content;
      this.size = { width: width + EDGE + 2, height: height + EDGE + 2 };
      svg.setAttribute("viewBox", `${-EDGE} ${-EDGE} ${this.size.width} ${this.size.height}`);
      make("rect", { class: "lay-paper", x: 0, y: 0, width, height }, svg);
      if (data.background) {
        make("image", { href: data.background, x: 0, y: 0, width, height, preserveAspectRatio: "none" }, svg);
      }
      this.printed = make("image", { x: 0, y: 0, width, height, preserveAspectRatio: "none" }, svg);
      this.rulers(width, height);
      this.layer = make("g", {}, svg);
      this.guides = make("g", {}, svg);
      this.draw();
      this.scale();
      const watch = new ResizeObserver(() => this.scale());
      watch.observe(svg.parentElement.parentElement);
      signal.addEventListener("abort", () => watch.disconnect());
      window.addEventListener("resize", () => this.scale(), { signal });
      model.addEventListener("change", () => this.draw());
      model.addEventListener("choose", () => this.draw());
    }

    rulers(width, height) {
      for (let n = 0; n <= width; n += 5) {
        make("line", { class: "lay-tick", x1: n, x2: n, y1: n % 10 ? -1 : -2, y2: 0 }, this.svg);
        if (n % 20 === 0) make("text", { class: "lay-tick-text", x: n, y: -3 }, this.svg).textContent = n;
      }
      for (let n = 0; n <= height; n += 5) {
        make("line", { class: "lay-tick", x1: n % 10 ? -1 : -2, x2: 0, y1: n, y2: n }, this.svg);
        if (n % 20 === 0) make("text", { class: "lay-tick-text is-down", x: -2.6, y: n }, this.svg).textContent = n;
      }
    }

    scale() {
      const stage = this.svg.parentElement;
      // The whole blank in view, but never smaller than half of what the window's width allows.
      const wide = Math.max(100, stage.clientWidth - 2) / this.size.width;
      const top = stage.getBoundingClientRect().top + window.scrollY;
      const high = (window.innerHeight - top - 16) / this.size.height;
      const px = this.zoom || Math.max(wide / 2, Math.min(wide, high));
      this.svg.setAttribute("width", Math.floor(px * this.size.width));
      this.svg.setAttribute("height", Math.floor(px * this.size.height));
      this.px = px;
    }

    zoomBy(factor) {
      this.zoom = factor ? Math.min(16, Math.max(1.5, (this.zoom || this.px) * factor)) : 0;
      this.scale();
    }

    name(place) {
      const { labels, words } = this.data;
      return labels[place] || words.mark.replace("{n}", place.replace("mark", ""));
    }

    draw() {
      const boxes = this.model.boxes();
      const places = new Set(boxes.map((box) => box.place));
      for (const [place, frame] of this.frames) {
        if (!places.has(place)) {
          frame.group.remove();
          this.frames.delete(place);
        }
      }
      boxes.forEach((box) => this.place(box));
    }

    frame(box) {
      if (this.frames.has(box.place)) return this.frames.get(box.place);
      const group = make("g", { class: "lay-box", tabindex: 0, role: "button", "data-place": box.place }, this.layer);
      const rect = make("rect", { class: "lay-frame" }, group);
      const text = make("text", {}, group);
      const handle = make("rect", { class: "lay-handle", "data-handle": "true", width: 2.4, height: 2.4 }, group);
      make("title", {}, handle).textContent = this.data.words.resize;
      const frame = { group, rect, text, handle };
      this.frames.set(box.place, frame);
      return frame;
    }

    place(box) {
      const { group, rect, text, handle } = this.frame(box);
      const at = zc.LayoutModel.geometry(box);
      for (const key of ["x", "y", "width", "height"]) rect.setAttribute(key, at[key]);
      text.setAttribute("x", at.x);
      text.setAttribute("y", at.y - 0.7);
      text.textContent = this.name(box.place);
      handle.setAttribute("x", at.x + at.width - 1.2);
      handle.setAttribute("y", at.y + at.height - 1.2);
      const told = this.data.words.box.replace("{name}", this.name(box.place));
      group.setAttribute("aria-label", told.replace(/\{(\w+)\}/g, (_all, key) => at[key]));
      const chosen = this.model.chosen === box.place;
      group.setAttribute("aria-pressed", chosen);
      group.classList.toggle("is-chosen", chosen);
      group.classList.toggle("is-mark", box.kind === "mark");
      const found = this.problems[box.place] || "";
      group.classList.toggle("is-error", found === "error");
      group.classList.toggle("is-warning", found === "warning");
      if (chosen && this.layer.lastChild !== group && !group.contains(document.activeElement)) this.layer.append(group);
    }

    // What the server rendered, and which places don't fit.
    show(picture, problems) {
      this.printed.setAttribute("href", picture);
      this.problems = {};
      problems.forEach(({ place, severity }) => {
        if (this.problems[place] !== "error") this.problems[place] = severity;
      });
      this.draw();
    }

    // A pointer's place on the paper in mm.
    point(event) {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
      return { x: at.x, y: at.y };
    }

    guide(lines) {
      this.guides.replaceChildren();
      const { width, height } = this.model.content;
      lines.forEach(({ x, y }) => {
        if (x !== undefined) make("line", { class: "lay-guide", x1: x, x2: x, y1: 0, y2: height }, this.guides);
        else make("line", { class: "lay-guide", x1: 0, x2: width, y1: y, y2: y }, this.guides);
      });
    }
  }

  zc.LayoutBoard = Board;
})((window.zc = window.zc || {}));
