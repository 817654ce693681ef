// Draws the rows that are in sight and no others, whatever the register's size; keeps which cells
// are chosen. Rows have one height, so a place is a multiplication; elements are used again.
(function (zc) {
  "use strict";

  const HEIGHT = 28;
  const SPARE = 6; // rows drawn beyond the edge
  const NUMBER = 44; // width of 序号
  const WIDTHS = { min: 48, max: 190, fitted: 600 };
  const NUMBERS = ["certificate_number", "id_number", "document_number"];
  const STRIP = 36; // what is said lies over the grid's lower edge: no chosen row hides below it

  class Sheet {
    constructor(store, root, words) {
      this.store = store;
      this.words = words;
      this.scroll = root.querySelector(".grid-scroll");
      this.head = root.querySelector(".grid-head");
      this.body = root.querySelector(".grid-body");
      this.grid = root.querySelector("[role=grid]");
      this.pool = [];
      this.at = { row: 0, column: 0 }; // the chosen cell
      this.to = { row: 0, column: 0 }; // the other corner of the range
      this.chosen = null; // the row object under ``at``
      this.moved = new Set();
      this.scroll.addEventListener("scroll", () => this.later(), { passive: true });
      new ResizeObserver(() => this.refit()).observe(this.scroll);
      store.addEventListener("look", () => this.relook());
      store.addEventListener("row", () => this.later());
    }

    // -- geometry -------------------------------------------------------------------------------

    get name() {
      return this.store.columns.findIndex((column) => column.key === "name");
    }

    // Columns as wide as what stands in them, within reason; what is left over is shared out.
    measure() {
      const step = Math.max(1, Math.floor(this.store.rows.length / 400));
      this.natural = this.store.columns.map((_column, place) =>
        Math.min(WIDTHS.max, this.needed(place, place === this.name ? 1 : step)),
      );
      this.refit();
    }

    needed(column, step) {
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = getComputedStyle(this.body).font;
      const han = pen.measureText("汉").width;
      const digit = pen.measureText("0").width;
      const width = (text) => {
        let sum = 0;
        for (const letter of text) sum += letter.codePointAt(0) > 0xff ? han : digit;
        return sum;
      };
      let most = width(this.store.columns[column].title) + 18;
      for (let place = 0; place < this.store.rows.length; place += step) {
        most = Math.max(most, width(this.store.rows[place].texts[column]) + 16);
      }
      return Math.max(WIDTHS.min, Math.ceil(most));
    }

    // As wide as its longest text, as a double click on the header's edge does in Excel.
    fit(column) {
      this.widen(column, Math.min(WIDTHS.fitted, this.needed(column, 1)));
    }

    refit() {
      if (!this.natural) return;
      const sum = NUMBER + this.natural.reduce((one, two) => one + two, 0);
      const room = this.scroll.clientWidth - sum;
      const roomy = this.natural.filter((width) => width > 90).length || 1;
      this.widths = this.natural.map((width) => (room > 0 && width > 90 ? width + Math.floor(room / roomy) : width));
      // A little too wide is squeezed: the long texts give way, numbers don't.
      if (room < 0 && room > -0.13 * sum && this.scroll.clientWidth > 800) {
        const gives = (width, place) => width > 90 && !NUMBERS.includes(this.store.columns[place].key);
        const givers = this.natural.filter(gives).length || 1;
        this.widths = this.natural.map((width, place) => (gives(width, place) ? width + Math.floor(room / givers) : width));
      }
      this.layOut();
    }

    layOut() {
      const all = [NUMBER, ...this.widths];
      this.grid.style.setProperty("--grid-columns", all.map((width) => width + "px").join(" "));
      this.grid.style.setProperty("--grid-number", NUMBER + "px");
      this.total = all.reduce((one, two) => one + two, 0);
      this.body.style.width = this.head.style.width = this.total + "px";
      this.grow();
      this.draw(true);
    }

    widen(column, width) {
      this.natural[column] = Math.max(36, width);
      this.widths[column] = Math.max(36, width);
      this.layOut();
    }

    left(column) {
      return this.widths.slice(0, column).reduce((one, two) => one + two, NUMBER);
    }

    // Where a cell stands in the body; a frozen one moves along.
    box(row, column) {
      let left = this.left(column);
      if (column === this.name) left = Math.max(left, this.scroll.scrollLeft + NUMBER);
      return { left, top: row * HEIGHT, width: this.widths[column], height: HEIGHT };
    }

    grow() {
      const count = this.store.view.length;
      this.body.style.height = count * HEIGHT + STRIP + "px";
      this.grid.setAttribute("aria-rowcount", String(count + 1));
      const wanted = Math.ceil(this.scroll.clientHeight / HEIGHT) + 2 * SPARE;
      while (this.pool.length < wanted) this.pool.push(this.element());
      while (this.pool.length > wanted) this.pool.pop().remove();
    }

    element() {
      const element = document.createElement("div");
      element.className = "g-row";
      element.setAttribute("role", "row");
      const columns = this.store.columns.length + 1;
      for (let place = 0; place < columns; place += 1) {
        const cell = document.createElement("div");
        const column = place && this.store.columns[place - 1];
        cell.setAttribute("role", place ? "gridcell" : "rowheader");
        cell.setAttribute("aria-colindex", String(place + 1));
        cell.base = place ? "g-cell c-" + column.key : "g-number";
        cell.className = cell.base;
        if (place) {
          cell.column = place - 1;
          cell.dataset.key = column.key;
        }
        element.appendChild(cell);
      }
      this.body.appendChild(element);
      element.index = -1;
      element.hidden = true;
      return element;
    }

    // -- drawing --------------------------------------------------------------------------------

    later() {
      if (this.waiting) return;
      this.waiting = requestAnimationFrame(() => {
        this.waiting = 0;
        this.draw();
      });
    }

    relook() {
      // The chosen row stays chosen where it stands now.
      if (this.chosen) {
        const place = this.store.view.indexOf(this.chosen);
        if (place >= 0 && place !== this.at.row) {
          const tall = this.to.row - this.at.row;
          this.at.row = place;
          this.to.row = Math.min(this.store.view.length - 1, Math.max(0, place + tall));
        }
      }
      const last = Math.max(0, this.store.view.length - 1);
      this.at.row = Math.min(this.at.row, last);
      this.to.row = Math.min(this.to.row, last);
      this.chosen = this.store.view[this.at.row] || null;
      if (!this.widths) return;
      this.grow();
      this.draw(true);
    }

    draw() {
      const view = this.store.view;
      const top = this.scroll.scrollTop;
      const first = Math.max(0, Math.floor(top / HEIGHT) - SPARE);
      const last = Math.min(view.length, first + this.pool.length);
      const used = new Set();
      for (let index = first; index < last; index += 1) {
        const element = this.pool[index % this.pool.length];
        used.add(element);
        const row = view[index];
        if (element.index !== index || element.row !== row || element.stamp !== row.stamp) {
          this.write(element, row, index);
        }
      }
      this.pool.forEach((element) => {
        if (used.has(element) || element.index === -1) return;
        element.index = -1;
        element.hidden = true;
        for (const cell of element.children) cell.className = cell.base;
      });
      this.paint();
      if (this.onDraw) this.onDraw();
    }

    write(element, row, index) {
      if (element.index !== index) {
        element.index = index;
        element.hidden = false;
        element.style.transform = `translateY(${index * HEIGHT}px)`;
        element.setAttribute("aria-rowindex", String(index + 2));
      }
      element.row = row;
      element.stamp = row.stamp;
      const worst = this.store.worst(row);
      const cells = element.children;
      const number = row === this.store.draft ? "＋" : String(row.position || "");
      if (cells[0].textContent !== number) cells[0].textContent = number;
      element.className = "g-row" + (worst ? " has-" + worst : "") + (row === this.store.draft ? " is-draft" : "");
      for (let column = 0; column < cells.length - 1; column += 1) {
        this.writeCell(cells[column + 1], row, column);
      }
    }

    writeCell(cell, row, column) {
      const text = this.store.text(row, column);
      if (cell.text !== text) cell.textContent = cell.text = text;
      const found = row.findings && row.findings[column];
      const waiting = row.pending && row.pending[column];
      let names = cell.base;
      if (found) names += " is-" + found[0].severity;
      if (waiting) names += waiting.conflict ? " is-conflict" : " is-waiting";
      if (row.fresh && row.fresh[column]) names += " is-fresh";
      const guest = this.store.present.find((one) => one.row === row.id && one.column === this.store.columns[column].key);
      if (guest) names += " is-guest";
      cell.look = names;
      const tip = found ? this.tip(found) : guest ? zc.fill(this.words.guest, guest) : "";
      if (cell.title !== tip) cell.title = tip;
      if (found && found[0].severity === "error") cell.setAttribute("aria-invalid", "true");
      else cell.removeAttribute("aria-invalid");
    }

    tip(found) {
      return found
        .map((one) => {
          const expected = one.suggestion && one.severity !== "tidied" ? `\n${this.words.expected} ${one.suggestion}` : "";
          return `${this.words[one.severity]}：${one.message}${one.clause ? `（${one.clause}）` : ""}${expected}`;
        })
        .join("\n");
    }

    // Chosen cells get their look; everything else is in ``look`` already.
    paint() {
      const range = this.range();
      this.pool.forEach((element) => {
        if (element.index < 0) return;
        const inside = element.index >= range.top && element.index <= range.bottom;
        const cells = element.children;
        for (let place = 1; place < cells.length; place += 1) {
          const cell = cells[place];
          const here = inside && cell.column >= range.left && cell.column <= range.right;
          const active = element.index === this.at.row && cell.column === this.at.column;
          const names = cell.look + (here && !this.single(range) ? " in-range" : "") + (active ? " is-active" : "");
          if (cell.className !== names) cell.className = names;
          if (here !== cell.told) {
            cell.told = here;
            cell.setAttribute("aria-selected", String(here));
          }
        }
        const number = cells[0];
        const names = inside ? "g-number is-chosen" : "g-number";
        if (number.className !== names) number.className = names;
      });
    }

    single(range) {
      return range.top === range.bottom && range.left === range.right;
    }

    // -- choosing -------------------------------------------------------------------------------

    range() {
      return {
        top: Math.min(this.at.row, this.to.row),
        bottom: Math.max(this.at.row, this.to.row),
        left: Math.min(this.at.column, this.to.column),
        right: Math.max(this.at.column, this.to.column),
      };
    }

    clamp(place) {
      return {
        row: Math.max(0, Math.min(this.store.view.length - 1, place.row)),
        column: Math.max(0, Math.min(this.store.columns.length - 1, place.column)),
      };
    }

    choose(row, column) {
      this.at = this.clamp({ row, column });
      this.to = { ...this.at };
      this.chosen = this.store.view[this.at.row] || null;
      this.show(this.at);
      this.store.tell("choose");
    }

    extend(row, column) {
      this.to = this.clamp({ row, column });
      this.show(this.to);
      this.store.tell("choose");
    }

    rowsChosen() {
      const { top, bottom } = this.range();
      return this.store.view.slice(top, bottom + 1);
    }

    // Where the first column begins that lies wholly right of here: a column half behind the frozen
    // ones can't be read, and its head can't be pressed.
    whole(from, most) {
      for (let column = 0; column < this.widths.length; column += 1) {
        if (this.left(column) >= from) return Math.min(this.left(column), most);
      }
      return most;
    }

    show(place) {
      const box = this.box(place.row, place.column);
      const area = this.scroll;
      const head = this.head.offsetHeight;
      const frozen = NUMBER + this.widths[this.name];
      if (box.top < area.scrollTop) area.scrollTop = box.top;
      else if (box.top + HEIGHT > area.scrollTop + area.clientHeight - head - STRIP) {
        area.scrollTop = box.top + HEIGHT - area.clientHeight + head + STRIP;
      }
      if (place.column !== this.name) {
        const covered = place.column > this.name ? frozen : NUMBER;
        if (box.left < area.scrollLeft + covered) area.scrollLeft = box.left - covered;
        else if (box.left + box.width > area.scrollLeft + area.clientWidth) {
          area.scrollLeft = this.whole(box.left + box.width - area.clientWidth + covered, box.left) - covered;
        }
      }
      this.draw();
      this.bringIntoWindow(box.top - area.scrollTop + area.getBoundingClientRect().top + head);
    }

    // The page itself may have to move, too: the grid is nearly as high as the window.
    bringIntoWindow(top) {
      if (!this.settled || this.filling) return; // opening a page doesn't move it
      const low = top + 2 * HEIGHT - window.innerHeight;
      const high = 48 + HEIGHT - top; // the page's own bar and the grid's header
      if (low > 0) window.scrollBy(0, low);
      else if (high > 0) window.scrollBy(0, -high);
    }

    // How many rows a page of the keyboard is.
    get page() {
      return Math.max(1, Math.floor((this.scroll.clientHeight - this.head.offsetHeight) / HEIGHT) - 2);
    }

    placeOf(target) {
      const element = target.closest(".g-row");
      if (!element || element.index < 0) return null;
      const cell = target.closest(".g-cell");
      return { row: element.index, column: cell ? cell.column : -1 };
    }
  }

  zc.Sheet = Sheet;
})((window.zcGrid = window.zcGrid || {}));
