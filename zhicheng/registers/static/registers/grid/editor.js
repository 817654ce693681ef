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
      this.revealed = new Map(); // row id → a whole ID number and the row's version it was true of
      this.field.addEventListener("keydown", (event) => this.key(event));
      this.field.addEventListener("input", (event) => this.typed(event));
      this.field.addEventListener("compositionstart", (event) => this.typed(event));
      this.field.addEventListener("blur", () => this.left());
      this.field.addEventListener("focus", () => this.place());
      sheet.onDraw = () => this.place();
      store.addEventListener("choose", () => this.arrive());
      this.mouse = new zc.Mouse(this);
    }

    focus() {
      this.field.focus({ preventScroll: true });
    }

    get cell() {
      return { row: this.store.view[this.sheet.at.row], column: this.sheet.at.column };
    }

    // The whole ID number, if somebody asked for it and the row is still the same.
    whole(row) {
      const known = this.revealed.get(row.id);
      return known && known.version === row.version && !zc.hasPending(row) ? known.number : "";
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
      if (this.handle) this.handle.place();
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
      const place = zc.place(this.words, row, title);
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
      if (this.mouse.menuDeletes(event)) {
        this.does.clear();
        return;
      }
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
      // What they answer to, whoever changes it while they type; after one's own unsaved word: that.
      this.seen = row.pending && row.pending[column] ? undefined : row.texts[column];
      this.version = row.version;
      this.before = text === null ? null : text;
      const key = this.store.columns[column].key;
      this.field.classList.add("is-open");
      if (this.touch) this.field.inputMode = "text";
      if (text !== null) {
        // The caret goes behind the last letter, as in Excel: the next key adds, it replaces nothing.
        this.field.value = text;
        this.field.setSelectionRange(text.length, text.length);
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
        this.begin(this.whole(row));
        return;
      }
      this.begin(this.store.text(row, column));
    }

    // everywhere: into all chosen cells (Ctrl+Enter).
    close(keep, everywhere) {
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
      if (keep && everywhere) {
        this.spread(value);
        return;
      }
      if (!keep || value === before || (before === null && value === "")) return;
      if (value === this.store.text(row, column)) return;
      this.does.save("edit", [{ row, column, to: value, text: this.shown(column, value), ...this.basis(row, column) }]);
    }

    // For an ID number the row's version speaks, but one's own saves of other cells raise it, too.
    basis(row, column) {
      if (this.store.columns[column].key !== "id_number") return { seen: this.seen };
      const others = (row.foreign || 0) > this.version || (this.seen !== undefined && this.seen !== row.texts[column]);
      return { seen: this.seen, version: others ? this.version : undefined };
    }

    spread(value) {
      const { left, right } = this.sheet.range();
      const cells = [];
      const rows = this.sheet.rowsChosen();
      rows.forEach((row) => {
        if (row === this.store.draft && rows.length > 1) return; // nobody meant a new person
        for (let column = left; column <= right; column += 1) {
          const text = this.shown(column, value);
          if (text !== this.store.text(row, column)) cells.push({ row, column, to: value, text });
        }
      });
      if (cells.length) this.does.save("fill", cells);
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
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        this.close(true, true);
        return true;
      }
      if (event.key === "Enter") {
        this.close(true);
        return this.down(event.shiftKey ? -1 : 1);
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
      const { at } = this.sheet;
      const place = at.row * columns + at.column + by;
      if (place < 0 || place >= this.store.view.length * columns) return false;
      const home = this.here(this.tabbed) ? this.tabbed.home : at.column;
      this.sheet.choose(Math.floor(place / columns), place % columns);
      this.tabbed = { home, ...this.sheet.at };
      return true;
    }

    // Enter goes down; after Tab, to where the row of Tabs began. As in Excel.
    down(by) {
      const { row, column } = this.sheet.at;
      this.sheet.choose(row + by, this.here(this.tabbed) ? this.tabbed.home : column);
      return true;
    }

    here(place) {
      return Boolean(place) && place.row === this.sheet.at.row && place.column === this.sheet.at.column;
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
          return this.down(event.shiftKey ? -1 : 1);
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
  }

  zc.Editor = Editor;
})((window.zcGrid = window.zcGrid || {}));
