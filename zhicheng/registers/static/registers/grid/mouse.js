// The mouse over the grid: choosing, dragging beyond the edge, the browser's own menu.
(function (zc) {
  "use strict";

  const BEYOND = 60; // ms between two rows while the mouse is held beyond the edge

  class Mouse {
    constructor(editor) {
      const { sheet, store, field } = editor;
      Object.assign(this, { editor, sheet, store, field });
      sheet.body.addEventListener("mousedown", (event) => this.down(event));
      sheet.body.addEventListener("mousemove", (event) => this.over(event));
      sheet.body.addEventListener("dblclick", (event) => {
        const place = sheet.placeOf(event.target);
        if (place && place.column >= 0) editor.edit();
      });
      field.addEventListener("dblclick", () => {
        if (!editor.open) editor.edit();
      });
      window.addEventListener("mousemove", (event) => this.beyond(event));
      window.addEventListener("mouseup", () => this.up());
      ["keydown", "mousedown", "copy", "cut", "paste", "blur"].forEach((kind) =>
        field.addEventListener(kind, (event) => event.button !== 2 && this.menuClosed(), true),
      );
    }

    down(event) {
      if (event.button === 1 || event.target === this.field) return;
      const place = this.sheet.placeOf(event.target);
      if (!place) return;
      if (this.editor.open) this.editor.close(true);
      if (event.button === 2) {
        this.menu(event, place);
        return;
      }
      this.menuClosed();
      event.preventDefault();
      this.editor.focus();
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
    }

    over(event) {
      if (!this.dragging || !(event.buttons & 1)) return;
      const place = this.sheet.placeOf(event.target);
      if (place && place.column >= 0) this.reach(place.row, place.column);
    }

    reach(row, column) {
      const { to } = this.sheet;
      if (row !== to.row || column !== to.column) this.sheet.extend(row, column);
    }

    // Held above or below the grid, the choice goes on growing.
    beyond(event) {
      if (!this.dragging) return;
      const area = this.sheet.scroll.getBoundingClientRect();
      const low = Math.min(area.bottom, window.innerHeight - 4); // the window may end first
      this.pull = event.clientY > low ? 1 : event.clientY < area.top ? -1 : 0;
      if (!this.pull) this.rest();
      else if (!this.pulling) this.pulling = setInterval(() => this.reach(this.sheet.to.row + this.pull, this.sheet.to.column), BEYOND);
    }

    rest() {
      clearInterval(this.pulling);
      this.pulling = 0;
    }

    up() {
      this.dragging = false;
      this.rest();
    }

    // -- the browser's own menu -------------------------------------------------------------------

    // Its copy and paste work on the field, so the field lies under the mouse with something chosen
    // in it for as long as the menu is open; asking for the clipboard needs no permission this way.
    menu(event, place) {
      const { top, bottom, left, right } = this.sheet.range();
      const inside = place.row >= top && place.row <= bottom && place.column >= left && place.column <= right;
      if (!inside && place.column >= 0) this.sheet.choose(place.row, place.column);
      this.editor.focus();
      event.preventDefault();
      const frame = this.field.parentElement.getBoundingClientRect();
      this.field.style.transform = `translate(${event.clientX - frame.left - 12}px, ${event.clientY - frame.top - 12}px)`;
      this.field.classList.add("is-under-menu");
      this.field.value = " ";
      this.field.select();
      this.opened = true;
    }

    menuClosed(keep) {
      if (!this.opened) return;
      this.opened = false;
      this.field.classList.remove("is-under-menu");
      if (!keep) this.field.value = "";
      this.editor.place();
    }

    // "Delete" in the menu empties the field; anything else that is in it now was typed.
    menuDeletes(event) {
      const deleted = this.opened && /^delete/.test(event.inputType || "");
      this.menuClosed(!deleted);
      return deleted;
    }
  }

  zc.Mouse = Mouse;
})((window.zcGrid = window.zcGrid || {}));
