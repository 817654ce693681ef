// What the editor holds: the layout's boxes by place, one of them chosen, every change undoable.
(function (zc) {
  "use strict";

  const QR = { least: 22, most: 60 };
  const PHOTO_LEAST = 10;
  const round = (value) => Math.round(value * 100) / 100;

  class Model extends EventTarget {
    constructor(content, editable) {
      super();
      this.editable = editable;
      this.content = structuredClone(content);
      this.past = [];
      this.future = [];
      this.chosen = "";
      this.last = { key: "", at: 0 };
    }

    // Every box, in the order of the file: {place, kind, entry}.
    boxes() {
      const found = this.content.field.map((entry) => ({ place: entry.name, kind: "field", entry }));
      found.push({ place: "qr", kind: "qr", entry: this.content.qr });
      if (this.content.photo) found.push({ place: "photo", kind: "photo", entry: this.content.photo });
      this.content.mark.forEach((entry, index) => found.push({ place: `mark${index + 1}`, kind: "mark", entry }));
      return found;
    }

    box(place) {
      return this.boxes().find((item) => item.place === place);
    }

    // Where a box lies, in mm; the code is a square.
    static geometry(box) {
      const { x, y, width, height, size } = box.entry;
      return box.kind === "qr" ? { x, y, width: size, height: size } : { x, y, width, height };
    }

    choose(place) {
      if (place === this.chosen) return;
      this.chosen = place;
      this.dispatchEvent(new Event("choose"));
    }

    // A change of one box; changes of the same ``key`` in quick succession are one step back.
    change(place, patch, key = "") {
      const box = this.box(place);
      if (!this.editable || !box) return;
      const wanted = this.fitting(box, patch);
      const differs = Object.keys(wanted).some((name) => wanted[name] !== box.entry[name]);
      if (!differs) return;
      this.remember(key);
      Object.assign(box.entry, wanted);
      this.tell();
    }

    // Something else than a box: the photo box's coming and going.
    rework(change) {
      if (!this.editable) return;
      this.remember("");
      change(this.content);
      if (!this.box(this.chosen)) this.chosen = "";
      this.tell();
    }

    remember(key) {
      const now = Date.now();
      const goesOn = key && key === this.last.key && now - this.last.at < 900 && this.past.length;
      if (!goesOn) this.past.push(structuredClone(this.content));
      if (this.past.length > 200) this.past.shift();
      this.future = [];
      this.last = { key, at: now };
    }

    undo() {
      this.step(this.past, this.future);
    }

    redo() {
      this.step(this.future, this.past);
    }

    step(from, to) {
      if (!from.length) return;
      to.push(structuredClone(this.content));
      this.content = from.pop();
      this.last = { key: "", at: 0 };
      if (!this.box(this.chosen)) this.chosen = "";
      this.tell();
    }

    tell() {
      this.dispatchEvent(new Event("change"));
    }

    // The patch as the blank allows it: nothing leaves the paper, the code stays readable.
    fitting(box, patch) {
      const wanted = { ...patch };
      const paper = this.content;
      const now = { ...Model.geometry(box) };
      if (box.kind === "qr") {
        const side = wanted.size ?? Math.max(wanted.width ?? 0, wanted.height ?? 0);
        delete wanted.width;
        delete wanted.height;
        if (side) {
          wanted.size = round(Math.min(QR.most, Math.max(QR.least, side)));
          now.width = now.height = wanted.size;
        }
      } else {
        const least = box.kind === "photo" ? PHOTO_LEAST : 1;
        for (const name of ["width", "height"]) {
          if (!(name in wanted)) continue;
          const room = name === "width" ? paper.width - (wanted.x ?? now.x) : paper.height - (wanted.y ?? now.y);
          wanted[name] = now[name] = round(Math.max(least, Math.min(room, wanted[name])));
        }
      }
      if ("x" in wanted) wanted.x = round(Math.max(0, Math.min(paper.width - now.width, wanted.x)));
      if ("y" in wanted) wanted.y = round(Math.max(0, Math.min(paper.height - now.height, wanted.y)));
      if ("size" in wanted && box.kind === "field") {
        wanted.size = Math.min(72, Math.max(4, wanted.size));
        if (wanted.size < box.entry.min_size) wanted.min_size = wanted.size;
      }
      if ("min_size" in wanted) wanted.min_size = Math.min(wanted.size ?? box.entry.size, Math.max(4, wanted.min_size));
      return wanted;
    }
  }

  zc.LayoutModel = Model;
})((window.zc = window.zc || {}));
