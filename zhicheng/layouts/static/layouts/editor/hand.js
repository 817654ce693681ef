// Moving and resizing boxes by pointer and by keyboard; edges that meet others snap.
(function (zc) {
  "use strict";

  const REACH = 0.7; // mm: nearer than this an edge is taken for the other's
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const tenth = (value) => Math.round(value * 10) / 10;

  class Hand {
    constructor(board, model) {
      this.board = board;
      this.model = model;
      this.grip = null;
      const svg = board.svg;
      svg.addEventListener("pointerdown", (event) => this.down(event));
      svg.addEventListener("pointermove", (event) => this.move(event));
      svg.addEventListener("pointerup", (event) => this.up(event));
      svg.addEventListener("pointercancel", (event) => this.up(event));
      svg.addEventListener("keydown", (event) => this.key(event));
      svg.addEventListener("focusin", (event) => {
        const group = event.target.closest("[data-place]");
        if (group) model.choose(group.dataset.place);
      });
    }

    down(event) {
      const group = event.target.closest("[data-place]");
      if (!group) return this.model.choose("");
      const place = group.dataset.place;
      this.model.choose(place);
      group.focus({ preventScroll: true });
      if (!this.model.editable || event.button) return undefined;
      event.preventDefault();
      const at = zc.LayoutModel.geometry(this.model.box(place));
      const resize = event.target.hasAttribute("data-handle");
      this.grip = { place, at, resize, from: this.board.point(event), key: `${place}:${event.timeStamp}`, moved: false };
      this.board.svg.setPointerCapture(event.pointerId);
      return undefined;
    }

    move(event) {
      if (!this.grip) return;
      const { place, at, resize, from } = this.grip;
      const to = this.board.point(event);
      const by = { x: to.x - from.x, y: to.y - from.y };
      if (!this.grip.moved && Math.hypot(by.x, by.y) * this.board.px < 3) return;
      this.grip.moved = true;
      const lines = event.altKey ? { x: [], y: [] } : this.edges(place);
      const met = [];
      let patch;
      if (resize) {
        const right = this.snap(at.x + at.width + by.x, [0], lines.x, met, "x");
        const low = this.snap(at.y + at.height + by.y, [0], lines.y, met, "y");
        patch = { width: tenth(right - at.x), height: tenth(low - at.y) };
      } else {
        const x = this.snap(at.x + by.x, [0, at.width / 2, at.width], lines.x, met, "x");
        const y = this.snap(at.y + by.y, [0, at.height / 2, at.height], lines.y, met, "y");
        patch = { x, y };
      }
      this.board.guide(met);
      // One grip is one step back, however long it takes.
      this.model.last.at = Date.now();
      this.model.change(place, patch, this.grip.key);
    }

    up(event) {
      if (!this.grip) return;
      this.grip = null;
      this.board.guide([]);
      this.board.svg.releasePointerCapture(event.pointerId);
    }

    // The edges and middles of everything else, and the paper's middle.
    edges(place) {
      const { width, height } = this.model.content;
      const lines = { x: [width / 2], y: [height / 2] };
      this.model.boxes().forEach((box) => {
        if (box.place === place) return;
        const at = zc.LayoutModel.geometry(box);
        lines.x.push(at.x, at.x + at.width / 2, at.x + at.width);
        lines.y.push(at.y, at.y + at.height / 2, at.y + at.height);
      });
      return lines;
    }

    snap(value, offsets, lines, met, axis) {
      let best = null;
      offsets.forEach((offset) =>
        lines.forEach((line) => {
          const apart = Math.abs(value + offset - line);
          if (apart < REACH && (!best || apart < best.apart)) best = { apart, line, value: line - offset };
        }),
      );
      if (!best) return tenth(value);
      met.push({ [axis]: best.line });
      return Math.round(best.value * 100) / 100;
    }

    key(event) {
      const step = STEPS[event.key];
      const place = this.model.chosen;
      if (event.key === "Escape") {
        this.model.choose("");
        return;
      }
      if (!step || !place || !this.model.editable || event.altKey) return;
      event.preventDefault();
      const mm = event.shiftKey ? 1 : 0.1;
      const at = zc.LayoutModel.geometry(this.model.box(place));
      const patch = {};
      const resize = event.ctrlKey || event.metaKey;
      const names = resize ? ["width", "height"] : ["x", "y"];
      names.forEach((name, axis) => {
        if (step[axis]) patch[name] = at[name] + step[axis] * mm;
      });
      this.model.change(place, patch, `key:${place}:${resize}`);
    }
  }

  zc.LayoutHand = Hand;
})((window.zc = window.zc || {}));
