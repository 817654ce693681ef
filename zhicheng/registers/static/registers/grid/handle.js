// The small square at the corner of what is chosen: drawn down it fills, as in Excel; a double click
// fills to the last row. Certificate numbers count on, everything else is repeated.
(function (zc) {
  "use strict";

  class Handle {
    constructor(editor, clipboard) {
      const { sheet, store } = editor;
      Object.assign(this, { editor, clipboard, sheet, store });
      this.mark = document.createElement("div");
      this.mark.className = "grid-handle";
      this.mark.hidden = true;
      this.mark.setAttribute("aria-hidden", "true"); // Ctrl+D is the keyboard's way
      sheet.body.append(this.mark);
      this.mark.addEventListener("mousedown", (event) => this.begin(event));
      this.mark.addEventListener("dblclick", (event) => {
        event.stopPropagation();
        this.fill(this.sheet.range(), this.last);
      });
      window.addEventListener("mousemove", (event) => this.draw(event));
      window.addEventListener("mouseup", () => this.end());
    }

    // The last row with a person in it.
    get last() {
      return this.store.view.length - (this.store.view.includes(this.store.draft) ? 2 : 1);
    }

    place() {
      const { bottom, right } = this.sheet.range();
      this.mark.hidden = !this.store.editable || this.editor.open || this.editor.touch || bottom > this.last;
      if (this.mark.hidden) return;
      const box = this.sheet.box(bottom, right);
      this.mark.style.transform = `translate(${box.left + box.width - 5}px, ${box.top + box.height - 5}px)`;
    }

    begin(event) {
      if (event.button !== 0) return;
      event.preventDefault();
      event.stopPropagation();
      this.from = this.sheet.range();
    }

    draw(event) {
      if (!this.from) return;
      const height = this.sheet.box(0, 0).height;
      const under = Math.floor((event.clientY - this.sheet.body.getBoundingClientRect().top) / height);
      const row = Math.max(this.from.bottom, Math.min(this.last, under));
      this.sheet.at = { row: this.from.top, column: this.from.left };
      this.sheet.chosen = this.store.view[this.from.top];
      if (row !== this.sheet.to.row || this.sheet.to.column !== this.from.right) this.sheet.extend(row, this.from.right);
    }

    end() {
      if (!this.from) return;
      const from = this.from;
      this.from = null;
      this.fill(from, this.sheet.range().bottom);
    }

    fill(from, bottom) {
      if (bottom <= from.bottom) return;
      this.sheet.extend(bottom, from.right);
      this.clipboard.fillFrom(from, bottom, true);
      this.editor.focus();
    }
  }

  // "2026F00009" and two rows further: "2026F00011". Nothing to count: the text itself.
  zc.countOn = function (text, by) {
    const [, before, digits] = /^(.*?)(\d*)$/.exec(text);
    if (!digits) return text;
    const next = (BigInt(digits) + BigInt(by)).toString();
    return before + next.padStart(digits.length, "0");
  };
  zc.Handle = Handle;
})((window.zcGrid = window.zcGrid || {}));
