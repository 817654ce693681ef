// The one field of the grid. It always has the focus and lies over the chosen cell, unseen, so that
// the first key typed goes into it, also the first key of a Chinese input method; then it shows.
(function (zc) {
  "use strict";

  const PLAIN = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

  class Editor {
    constructor(sheet, store, words, does) {
      this.sheet = sheet;
      this.store = store;
      this.words = words;
      this.does = does; // what keys call: save, fault, accept, fill, undo …
      this.open = false;
      this.field = document.getElementById("grid-field");
      this.list = document.getElementById("grid-options");
      this.live = document.getElementById("grid-live");
      // Choosing a cell by finger brings up no keyboard; correcting it does.
      this.touch = window.matchMedia("(pointer: coarse)").matches;
      if (this.touch) this.field.inputMode = "none";
      this.revealed = new Map(); // row id → the whole ID number, for this page's life
      this.field.addEventListener("keydown", (event) => this.key(event));
      this.field.addEventListener("input", (event) => this.typed(event));
      this.field.addEventListener("compositionstart", (event) => this.typed(event));
      this.field.addEventListener("blur", () => this.left());
      this.field.addEventListener("focus", () => this.place());
      sheet.onDraw = () => this.place();
      store.addEventListener("choose", () => this.arrive());
      this.mouse(sheet.body);
    }

    focus() {
      this.field.focus({ preventScroll: true });
    }

    get cell() {
      return { row: this.store.view[this.sheet.at.row], column: this.sheet.at.column };
    }

    get key_() {
      return this.store.columns[this.sheet.at.column].key;
    }

    // -- where it lies and what it is called -----------------------------------------------------

    place() {
      const { row, column } = this.sheet.at;
      if (!this.sheet.widths) return;
      const box = this.sheet.box(row, column);
      const area = this.sheet.scroll;
      let left = box.left - area.scrollLeft;
      let top = box.top - area.scrollTop + box.height; // below the header
      if (!this.open) {
        // Nobody sees it: it stays in sight, so that the browser scrolls nothing for its sake.
        left = Math.max(0, Math.min(left, area.clientWidth - box.width));
        top = Math.max(0, Math.min(top, area.clientHeight - box.height));
      }
      const style = this.field.style;
      style.transform = `translate(${left}px, ${top}px)`;
      style.width = (this.open ? Math.max(box.width, 96) : box.width) + "px";
      style.height = box.height + "px";
    }

    arrive() {
      if (this.open) return;
      this.field.removeAttribute("list");
      const { row, column } = this.cell;
      if (!row) return;
      const title = this.store.columns[column].title;
      const text = this.store.text(row, column);
      const place = zc.fill(this.words.place, { row: row.position || this.words.newRow, column: title });
      const found = (row.findings && row.findings[column]) || [];
      const said = found.map((one) => `${this.words[one.severity]}：${one.message}`).join(" ");
      this.field.setAttribute("aria-label", place);
      this.field.readOnly = !this.store.editable;
      this.place();
      const range = this.sheet.range();
      const many = (range.bottom - range.top + 1) * (range.right - range.left + 1);
      const size = many > 1 ? zc.fill(this.words.range, { rows: range.bottom - range.top + 1, columns: range.right - range.left + 1 }) : "";
      clearTimeout(this.saying);
      this.saying = setTimeout(() => {
        if (!this.open) this.offer(column);
        this.live.textContent = `${place} ${text || this.words.empty} ${said} ${size}`;
      }, 120);
    }

    // -- opening and closing --------------------------------------------------------------------

    typed(event) {
      if (this.open || !this.store.editable) return;
      this.begin(null);
      // Showing the field moves the caret; an input method under way keeps its own.
      const end = this.field.value.length;
      if (event.type === "input" && !event.isComposing) this.field.setSelectionRange(end, end);
    }

    // With text: correct what stands there. Without: what is being typed takes its place.
    begin(text) {
      const { row, column } = this.cell;
      if (!row || !this.store.editable) return;
      this.open = true;
      this.of = { row, column };
      this.before = text === null ? null : text;
      const key = this.store.columns[column].key;
      this.field.classList.add("is-open");
      if (this.touch) this.field.inputMode = "text";
      if (text !== null) {
        this.field.value = text;
        this.field.select();
      }
      if (key === "id_number" && text === "") {
        this.field.placeholder = this.store.text(row, column) ? this.words.wholeNumber : "";
      }
      this.place();
      this.does.opened();
    }

    // What already stands in the column, as Excel offers it; nothing for what is everybody's own.
    // Put there before anything is typed: it would move the caret afterwards.
    offer(column) {
      const key = this.store.columns[column].key;
      if (!this.store.editable || ["certificate_number", "name", "id_number"].includes(key)) {
        this.field.removeAttribute("list");
        return;
      }
      const known = `${key}/${this.store.version}`;
      if (this.offered !== known) {
        this.offered = known;
        const seen = new Set(key === "sex" ? ["男", "女"] : []);
        if (key !== "sex") this.store.rows.forEach((row) => seen.size < 40 && seen.add(row.texts[column]));
        seen.delete("");
        this.list.replaceChildren(...Array.from(seen, (text) => new Option(text, text)));
      }
      this.field.setAttribute("list", "grid-options");
    }

    edit() {
      const { row, column } = this.cell;
      if (!row || !this.store.editable) return;
      if (this.key_ === "id_number") {
        this.begin(this.revealed.get(row.id) || "");
        return;
      }
      this.begin(this.store.text(row, column));
    }

    close(keep) {
      if (!this.open) return;
      const { row, column } = this.of;
      const value = this.field.value;
      const before = this.before;
      this.open = false;
      this.field.value = "";
      if (this.field.placeholder) this.field.removeAttribute("placeholder");
      if (this.touch) this.field.inputMode = "none";
      this.field.classList.remove("is-open");
      this.does.closed();
      this.place();
      if (!keep || value === before || (before === null && value === "")) return;
      if (value === this.store.text(row, column)) return;
      if (this.store.columns[column].key === "id_number") this.revealed.delete(row.id);
      this.does.save("edit", [{ row, column, to: value, text: this.shown(column, value) }]);
    }

    // ID numbers are shown masked from the moment they are typed.
    shown(column, value) {
      const bare = value.replace(/\s/g, "");
      if (this.store.columns[column].key === "id_number") return zc.mask(bare.toUpperCase());
      return value.trim();
    }

    left() {
      if (this.open) this.close(true);
    }

    // -- keys -----------------------------------------------------------------------------------

    key(event) {
      if (event.isComposing || event.keyCode === 229) return;
      const handled = this.open ? this.keyOpen(event) : this.keyIdle(event);
      if (!handled) return;
      event.preventDefault();
      event.stopPropagation();
    }

    keyOpen(event) {
      const { row, column } = this.sheet.at;
      if (event.key === "Enter") {
        this.close(true);
        this.sheet.choose(row + (event.shiftKey ? -1 : 1), column);
        return true;
      }
      if (event.key === "Tab") {
        this.close(true);
        this.step(event.shiftKey ? -1 : 1);
        return true;
      }
      if (event.key === "Escape") {
        this.close(false);
        this.arrive();
        return true;
      }
      // Typed over, not opened: arrows go on to the next cell, as in Excel.
      if (this.before === null && PLAIN[event.key] && !this.field.hasAttribute("list")) {
        this.close(true);
        this.sheet.choose(row + PLAIN[event.key][0], column + PLAIN[event.key][1]);
        return true;
      }
      return false;
    }

    // Tab goes on through the row and into the next one; beyond the last cell it leaves the grid.
    step(by) {
      const columns = this.store.columns.length;
      const place = this.sheet.at.row * columns + this.sheet.at.column + by;
      if (place < 0 || place >= this.store.view.length * columns) return false;
      this.sheet.choose(Math.floor(place / columns), place % columns);
      return true;
    }

    keyIdle(event) {
      const command = event.ctrlKey || event.metaKey;
      if (event.altKey) return false;
      if (command) return this.keyCommand(event);
      const { to, at } = this.sheet;
      const from = event.shiftKey ? to : at;
      const go = (row, column) => {
        if (event.shiftKey) this.sheet.extend(row, column);
        else this.sheet.choose(row, column);
        return true;
      };
      if (PLAIN[event.key]) return go(from.row + PLAIN[event.key][0], from.column + PLAIN[event.key][1]);
      switch (event.key) {
        case "Home":
          return go(from.row, 0);
        case "End":
          return go(from.row, this.store.columns.length - 1);
        case "PageDown":
          return go(from.row + this.sheet.page, from.column);
        case "PageUp":
          return go(from.row - this.sheet.page, from.column);
        case "Tab":
          return this.step(event.shiftKey ? -1 : 1);
        case "Enter":
          if (this.store.editable) this.edit();
          return true;
        case "F2":
          this.edit();
          return true;
        case "Delete":
          this.does.clear();
          return true;
        case "Backspace":
          this.begin("");
          this.before = null;
          return true;
        case "Escape":
          this.sheet.choose(at.row, at.column);
          return true;
        case "F8":
          this.does.fault(event.shiftKey ? -1 : 1);
          return true;
        case "F9":
          this.does.accept();
          return true;
        case "F6":
          this.does.leave(event.shiftKey);
          return true;
        case "F1":
        case "?":
        case "？":
          this.does.help();
          return true;
        default:
          return !this.store.editable && event.key.length === 1;
      }
    }

    keyCommand(event) {
      const last = { row: this.store.view.length - 1, column: this.store.columns.length - 1 };
      const { to, at } = this.sheet;
      const from = event.shiftKey ? to : at;
      const go = (row, column) => {
        if (event.shiftKey) this.sheet.extend(row, column);
        else this.sheet.choose(row, column);
        return true;
      };
      switch (event.key) {
        case "ArrowDown":
          return go(last.row, from.column);
        case "ArrowUp":
          return go(0, from.column);
        case "ArrowRight":
          return go(from.row, last.column);
        case "ArrowLeft":
          return go(from.row, 0);
        case "Home":
          return go(0, 0);
        case "End":
          return go(last.row, last.column);
        case " ":
          return false;
      }
      switch (event.key.toLowerCase()) {
        case "a":
          this.sheet.at = { row: 0, column: 0 };
          this.sheet.chosen = this.store.view[0];
          this.sheet.to = last;
          this.sheet.draw();
          this.arrive();
          return true;
        case "z":
          if (event.shiftKey) this.does.redo();
          else this.does.undo();
          return true;
        case "y":
          this.does.redo();
          return true;
        case "d":
          this.does.fill();
          return true;
        case "f":
          this.does.find();
          return true;
        case "s":
          this.does.hurry();
          return true;
        default:
          return false;
      }
    }

    // -- mouse ----------------------------------------------------------------------------------

    mouse(body) {
      body.addEventListener("mousedown", (event) => {
        if (event.button > 1 || event.target === this.field) return;
        const place = this.sheet.placeOf(event.target);
        if (!place) return;
        if (this.open) this.close(true);
        event.preventDefault();
        this.focus();
        if (place.column < 0) {
          const first = event.shiftKey ? this.sheet.at.row : place.row;
          this.sheet.at = { row: first, column: 0 };
          this.sheet.chosen = this.store.view[first];
          this.sheet.extend(place.row, this.store.columns.length - 1);
          return;
        }
        if (event.shiftKey) this.sheet.extend(place.row, place.column);
        else this.sheet.choose(place.row, place.column);
        this.dragging = event.button === 0;
      });
      body.addEventListener("mousemove", (event) => {
        if (!this.dragging || !(event.buttons & 1)) return;
        const place = this.sheet.placeOf(event.target);
        if (!place || place.column < 0) return;
        if (place.row !== this.sheet.to.row || place.column !== this.sheet.to.column) {
          this.sheet.extend(place.row, place.column);
        }
      });
      window.addEventListener("mouseup", () => (this.dragging = false));
      body.addEventListener("dblclick", (event) => {
        const place = this.sheet.placeOf(event.target);
        if (place && place.column >= 0) this.edit();
      });
      this.field.addEventListener("dblclick", () => {
        if (!this.open) this.edit();
      });
    }
  }

  zc.Editor = Editor;
})((window.zcGrid = window.zcGrid || {}));
