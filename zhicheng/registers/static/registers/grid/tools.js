// Around the grid: the bar that says what is in the chosen cell and what is wrong with it, filters,
// kinds of findings, from fault to fault, the dialogs.
(function (zc) {
  "use strict";

  const part = (name) => document.querySelector(`[data-grid='${name}']`);

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  class Tools {
    constructor(grid) {
      Object.assign(this, grid); // store, sheet, editor, saver, undo, words, urls
      this.grid = grid;
      this.counters = document.getElementById("sheet-counters");
      this.store.addEventListener("choose", () => this.bar());
      this.store.addEventListener("look", () => this.count());
      this.store.addEventListener("row", ({ detail }) => {
        if (detail === this.editor.cell.row) this.bar();
      });
      this.saver.addEventListener("state", () => this.state());
      this.counters.addEventListener("click", (event) => {
        const button = event.target.closest("[data-only]");
        if (button) this.only({ severity: button.dataset.only, code: "" });
      });
      this.search = document.getElementById("sheet-find");
      this.search.addEventListener("input", () => {
        clearTimeout(this.searching);
        this.searching = setTimeout(() => this.find(), 200);
      });
      this.search.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.search.value) {
          this.search.value = "";
          this.find();
        } else if (event.key === "Enter" || event.key === "ArrowDown") {
          event.preventDefault();
          this.editor.focus();
        }
      });
    }

    say(text, tone) {
      const place = part("said");
      place.textContent = text;
      place.className = "bar-said" + (tone ? " is-" + tone : "");
      clearTimeout(this.silence);
      if (tone !== "bad") this.silence = setTimeout(() => (place.textContent = ""), 8000);
    }

    // -- the bar --------------------------------------------------------------------------------

    bar() {
      const { row, column } = this.editor.cell;
      if (!row) return;
      const title = this.store.columns[column].title;
      part("place").textContent = zc.place(this.words, row, title);
      const number = this.store.columns[column].key === "id_number" && this.editor.whole(row);
      part("text").textContent = number || this.store.text(row, column);
      const reveal = part("reveal");
      if (reveal) reveal.hidden = this.store.columns[column].key !== "id_number" || !row.texts[column] || row.id < 1;
      const place = part("findings");
      place.replaceChildren();
      const waiting = row.pending && row.pending[column];
      if (waiting && waiting.conflict) place.append(this.conflictLine(row, column, waiting));
      const found = (row.findings && row.findings[column]) || [];
      found.forEach((one) => place.append(this.finding(one, row, column)));
      // What else is wrong with this person, one click away.
      (row.findings || []).forEach((cell, other) => {
        if (!cell || other === column || cell[0].severity === "tidied") return;
        const jump = element("button", "finding-other is-" + cell[0].severity, this.store.columns[other].title);
        jump.type = "button";
        jump.title = cell[0].message;
        jump.addEventListener("click", () => {
          this.sheet.choose(this.sheet.at.row, other);
          this.editor.focus();
        });
        place.append(jump);
      });
    }

    finding(one, row, column) {
      const line = element("div", "finding is-" + one.severity);
      line.append(element("span", "finding-kind", this.words[one.severity]));
      line.append(element("span", "finding-text", one.message));
      if (one.clause) {
        const clause = element("a", "zc-clause", one.clause);
        clause.href = `${this.urls.notice}#${one.clause}`;
        line.append(clause);
      }
      if (one.severity === "tidied") {
        line.append(element("span", "finding-sides", zc.fill(this.words.was, { value: one.value })));
      } else if (one.suggestion) {
        const sides = element("span", "finding-sides", this.words.found + " ");
        sides.append(element("b", "", one.value || this.words.empty), " " + this.words.expected + " ");
        sides.append(element("strong", "", one.suggestion));
        line.append(sides);
      }
      if (this.store.editable && one.offer) {
        const take = element("button", "btn btn-sm btn-primary btn-accept", one.offer === 2 ? this.words.takeApproved : this.words.take);
        take.type = "button";
        take.append(element("kbd", "", "F9"));
        take.addEventListener("click", () => {
          this.accept([{ row, column, one }]);
          this.editor.focus();
        });
        line.append(take);
      }
      return line;
    }

    conflictLine(row, column, entry) {
      const line = element("div", "finding is-error");
      line.append(element("span", "finding-kind", this.words.conflict));
      line.append(element("span", "finding-text", zc.fill(this.words.conflictShort, entry.conflict)));
      const open = element("button", "btn btn-sm btn-accept", this.words.decide);
      open.type = "button";
      open.addEventListener("click", () => this.grid.conflicts.show());
      line.append(open);
      return line;
    }

    // -- suggestions ----------------------------------------------------------------------------

    acceptChosen() {
      if (!this.store.editable) return;
      const { left, right } = this.sheet.range();
      const offers = [];
      this.sheet.rowsChosen().forEach((row) => {
        for (let column = left; column <= right; column += 1) {
          const one = ((row.findings || [])[column] || []).find((found) => found.offer);
          if (one) offers.push({ row, column, one });
        }
      });
      if (offers.length) this.accept(offers);
      else this.say(this.words.noOffer);
    }

    acceptKind(code) {
      const offers = [];
      this.store.rows.forEach((row) =>
        (row.findings || []).forEach((cell, column) => {
          const one = (cell || []).find((found) => found.code === code && found.offer);
          if (one) offers.push({ row, column, one });
        }),
      );
      this.accept(offers);
    }

    async accept(offers) {
      const cells = offers.map(({ row, column, one }) => ({ row, column, accept: one.id, text: one.suggestion }));
      const came = await this.undo.save("accept", cells);
      if (came.saved) this.say(zc.fill(this.words.accepted, { count: came.saved.length }), "good");
    }

    // -- filters and counters -------------------------------------------------------------------

    only(wanted) {
      Object.assign(this.store.filter, wanted);
      this.store.look();
      this.sheet.scroll.scrollTop = 0;
      const place = Math.max(0, this.store.view.indexOf(this.sheet.chosen));
      const { columns } = this.store;
      // Whoever looks for faults stands at one.
      const stop = wanted.severity || wanted.code ? this.nextStop(1, place * columns.length - 1) : null;
      if (stop === null) this.sheet.choose(place, this.sheet.at.column);
      else this.sheet.choose(Math.floor(stop / columns.length), stop % columns.length);
    }

    // A whole ID number is looked up by the server: the grid holds none.
    async find() {
      const text = this.search.value.trim().toLowerCase();
      const bare = text.replace(/\s/g, "");
      this.store.filter.ids = null;
      if (/^\d{15}(\d{2}[\dx])?$|^\d{17}[\dx]$/.test(bare)) {
        const told = await this.saver.ask(this.urls.find, { text: bare });
        if (told.rows && told.rows.length) this.store.filter.ids = new Set(told.rows);
      }
      this.only({ text });
    }

    count() {
      const counts = this.store.counts();
      const shown = { "": this.store.rows.length, error: counts.error, warning: counts.warning, tidied: counts.tidied };
      const { severity, code } = this.store.filter;
      this.counters.querySelectorAll("[data-only]").forEach((button) => {
        const kind = button.dataset.only;
        button.querySelector(".count").textContent = shown[kind];
        button.setAttribute("aria-pressed", String(kind === severity && !code));
        if (kind) button.classList.toggle("is-" + kind, shown[kind] > 0);
      });
      this.kinds(counts);
      const view = this.store.view.length - (this.store.view.includes(this.store.draft) ? 1 : 0);
      part("shown").textContent = this.store.filtered
        ? zc.fill(this.words.shownOf, { shown: view, all: this.store.rows.length })
        : zc.fill(this.words.shown, { all: this.store.rows.length });
      part("none").hidden = view > 0 || !this.store.filtered;
      this.bar();
    }

    kinds(counts) {
      const list = part("kinds");
      const kinds = Array.from(counts.kinds.values()).sort(
        (one, two) => zc.GRAVITY[one.severity] - zc.GRAVITY[two.severity] || two.count - one.count,
      );
      document.getElementById("sheet-kinds").hidden = !kinds.length;
      list.replaceChildren(
        ...kinds.map((kind) => {
          const line = element("div", "kind");
          const label = this.store.labels[kind.code] || kind.code;
          const name = element("button", "kind-name");
          name.type = "button";
          name.setAttribute("aria-pressed", String(this.store.filter.code === kind.code));
          const dot = element("span", "dot is-" + kind.severity);
          dot.setAttribute("aria-hidden", "true");
          name.append(dot, label + " ", element("span", "count", kind.count));
          const on = this.store.filter.code !== kind.code;
          name.addEventListener("click", () => this.only({ code: on ? kind.code : "", severity: "" }));
          line.append(name);
          if (this.store.editable && kind.offers) {
            const all = element("button", "btn btn-sm", zc.fill(this.words.takeAll, { count: kind.offers }));
            all.type = "button";
            all.setAttribute("aria-label", zc.fill(this.words.takeAllOf, { label, count: kind.offers }));
            all.addEventListener("click", () => this.acceptKind(kind.code));
            line.append(all);
          }
          return line;
        }),
      );
    }

    // -- from fault to fault ----------------------------------------------------------------------

    fault(step) {
      const count = this.store.columns.length;
      const stop = this.nextStop(step, this.sheet.at.row * count + this.sheet.at.column);
      if (stop === null) this.say(this.words.noMore);
      else {
        this.sheet.choose(Math.floor(stop / count), stop % count);
        this.editor.focus();
      }
    }

    nextStop(step, here) {
      const stops = this.store.stops(this.store.counts());
      const { view, columns } = this.store;
      const size = view.length * columns.length;
      for (let far = 1; far <= size; far += 1) {
        // Past the last fault comes the first one again, and the other way round.
        const place = (((here + step * far) % size) + size) % size;
        const row = view[Math.floor(place / columns.length)];
        const cell = row.findings && row.findings[place % columns.length];
        if (cell && cell.some(stops)) return place;
      }
      return null;
    }

    // -- how the saving stands --------------------------------------------------------------------

    state() {
      const place = part("state");
      if (!place) return; // whoever reads saves nothing
      const conflicts = this.saver.conflicts.length;
      const open = this.saver.open - conflicts;
      let state = "saved";
      let text = this.words.saved;
      if (this.saver.trouble || (this.saver.stuck && open)) {
        state = "unsaved";
        text = zc.fill(this.words.unsaved, { count: open });
      } else if (open) {
        state = "saving";
        text = this.words.saving;
      } else if (conflicts) {
        state = "unsaved";
        text = zc.fill(this.words.inConflict, { count: conflicts });
      }
      if (place.dataset.state !== state || place.textContent !== text) {
        place.dataset.state = state;
        place.textContent = text;
      }
      const trouble = part("trouble");
      trouble.hidden = !this.saver.trouble;
      trouble.querySelector("span").textContent = this.saver.trouble;
      trouble.querySelector("a").hidden = !this.saver.login;
      part("open-conflicts").hidden = !conflicts;
      part("open-refused").hidden = !this.saver.stuck || !open;
    }
  }

  zc.part = part;
  zc.element = element;
  zc.Tools = Tools;
})((window.zcGrid = window.zcGrid || {}));
