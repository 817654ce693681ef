// Other people's changes appear by themselves: a small question every few seconds, answered with
// the rows that changed since. Whoever left the desk asks nothing, so the session can run out.
(function (zc) {
  "use strict";

  const EVERY = 3000;
  const AWAY = 5 * 60 * 1000;
  const FRESH = 6000;

  class Live {
    constructor(grid) {
      Object.assign(this, grid);
      this.active = Date.now();
      ["keydown", "mousemove", "focus"].forEach((kind) =>
        window.addEventListener(kind, () => (this.active = Date.now()), { passive: true }),
      );
      setInterval(() => this.look(), EVERY);
      document.addEventListener("visibilitychange", () => this.look());
      this.store.addEventListener("look", () => this.parts());
      this.known = this.store.version;
    }

    async look() {
      if (document.hidden || this.asking || this.saver.busy || !this.store.version) return;
      if (Date.now() - this.active > AWAY) return;
      this.asking = true;
      const about = new URLSearchParams({ since: this.store.version });
      const { row, column } = this.editor.cell;
      if (this.editor.open && row && row.id > 0) {
        about.set("row", row.id);
        about.set("column", this.store.columns[column].key);
      }
      const told = await this.saver.ask(`${this.urls.changes}?${about}`);
      this.asking = false;
      if (told.failed || told.refusal) return;
      this.take(told);
      if (this.saver.trouble) this.saver.hurry();
    }

    async take(told) {
      this.guests(told.present || []);
      const before = this.store.version;
      if (told.version <= before && told.editable === this.store.editable) return;
      const wasEditable = this.store.editable;
      if (!this.store.apply(told)) await this.reload();
      else this.mark(told);
      if (wasEditable && !this.store.editable) this.say(this.words.readOnlyNow, "bad");
      this.editor.arrive();
      this.news(told);
    }

    news(told) {
      const others = (told.by || []).filter((one) => one.account !== this.account);
      if (!others.length) return;
      const last = others[others.length - 1];
      const rows = new Set(others.flatMap((one) => one.rows));
      this.say(zc.fill(this.words.othersChanged, { name: last.name, at: last.at, count: rows.size }));
    }

    // What others changed is marked for a moment, so that the eye finds it.
    mark(told) {
      const mine = new Set((told.by || []).filter((one) => one.account === this.account).flatMap((one) => one.rows));
      (told.ids || []).forEach((id) => {
        const row = this.store.byId.get(id);
        if (!row || mine.has(id) || !row.changed || !row.changed.some(Boolean)) return;
        row.fresh = row.changed;
        this.store.touch(row);
        setTimeout(() => {
          row.fresh = null;
          this.store.touch(row);
        }, FRESH);
      });
    }

    guests(present) {
      const before = this.store.present;
      if (JSON.stringify(before) === JSON.stringify(present)) return;
      this.store.present = present;
      [...before, ...present].forEach((one) => {
        const row = this.store.byId.get(one.row);
        if (row) this.store.touch(row);
      });
      zc.part("present").textContent = present
        .map((one) => {
          const row = this.store.byId.get(one.row);
          const column = this.store.columns.find((item) => item.key === one.column);
          const place = row && column ? zc.fill(this.words.place, { row: row.position, column: column.title }) : "";
          return zc.fill(this.words.presentAt, { name: one.name, place });
        })
        .join(" ");
    }

    // Steps, tabs, buttons and dialogs follow the numbers; not while one of the dialogs is open.
    parts() {
      if (this.known === this.store.version) return;
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => {
        if (document.querySelector("#register-dialogs dialog[open]")) return this.parts();
        this.known = this.store.version;
        return window.htmx.ajax("GET", this.urls.parts, { source: "#sheet", swap: "none" });
      }, 400);
    }
  }

  zc.Live = Live;
})((window.zcGrid = window.zcGrid || {}));
