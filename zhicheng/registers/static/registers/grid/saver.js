// Brings what was typed to the server, one batch after the other, and keeps it until it is there:
// no answer or a fault of the server is tried again, a conflict waits for a person's word.
(function (zc) {
  "use strict";

  const PAUSES = [1000, 2000, 4000, 8000, 15000, 30000];

  class Saver extends EventTarget {
    constructor(store, urls, words) {
      super();
      this.store = store;
      this.urls = urls;
      this.words = words;
      this.batches = []; // {how, cells: [{row, column, entry}], added: [row], done}
      this.busy = false;
      this.trouble = "";
      this.fails = 0;
      this.token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
      window.addEventListener("beforeunload", (event) => {
        if (this.open) event.preventDefault();
      });
      window.addEventListener("online", () => this.hurry());
    }

    // Cells that aren't saved: waiting, on their way, or in conflict.
    get open() {
      return this.store.rows.reduce((sum, row) => sum + (row.pending ? Object.keys(row.pending).length : 0), 0);
    }

    get conflicts() {
      const found = [];
      this.store.rows.forEach((row) =>
        Object.entries(row.pending || {}).forEach(([column, entry]) => {
          if (entry.conflict) found.push({ row, column: Number(column), entry });
        }),
      );
      return found;
    }

    tell() {
      this.dispatchEvent(new Event("state"));
    }

    // -- taking changes in ----------------------------------------------------------------------

    // cells: [{row, column, to | accept | restore, text}]; gives a promise of what came of it.
    change(how, cells) {
      const batch = { how, cells: [], added: [] };
      cells.forEach(({ row, column, to, accept, restore, text, seen, version }) => {
        if (!row.pending) row.pending = {};
        const before = row.pending[column];
        const entry = {
          to,
          accept,
          restore,
          text: text ?? to,
          seen: seen ?? (before && !before.sent ? before.seen : row.texts[column]),
          version: version ?? (before && !before.sent ? before.version : row.version),
        };
        row.pending[column] = entry;
        if (row.id < 0 && !row.asked) {
          row.asked = true;
          batch.added.push(row);
        }
        batch.cells.push({ row, column, entry });
      });
      batch.added.forEach((row) => this.store.adopt(row));
      const rows = new Set(batch.cells.map(({ row }) => row));
      rows.forEach((row) => this.store.touch(row));
      const promise = new Promise((resolve) => (batch.done = resolve));
      this.batches.push(batch);
      this.tell();
      if (!this.trouble) this.next();
      return promise;
    }

    hurry() {
      clearTimeout(this.timer);
      this.timer = 0;
      this.trouble = "";
      this.tell();
      this.next();
    }

    settled() {
      if (!this.busy && !this.batches.length) return Promise.resolve();
      return new Promise((resolve) => (this.waiters = [...(this.waiters || []), resolve]));
    }

    // -- sending --------------------------------------------------------------------------------

    async next() {
      if (this.busy || this.timer) return;
      const batch = this.batches[0];
      if (!batch) {
        (this.waiters || []).splice(0).forEach((resolve) => resolve());
        this.tell();
        return;
      }
      this.busy = true;
      const body = this.body(batch);
      let told = null;
      if (body) {
        this.tell();
        told = await this.ask(this.urls.save, body);
      }
      this.busy = false;
      if (body && told.failed) {
        batch.cells.forEach(({ entry }) => (entry.sent = false));
        this.retry(told);
        return;
      }
      this.fails = 0;
      this.trouble = "";
      this.batches.shift();
      if (body && told.refusal) this.refused(batch, told.refusal);
      else this.arrived(batch, told);
      this.next();
    }

    body(batch) {
      const edits = new Map();
      const added = batch.added.map((row) => {
        const cells = {};
        batch.cells.forEach(({ row: other, column, entry }) => {
          if (other !== row || row.pending[column] !== entry) return;
          entry.sent = true;
          cells[this.store.columns[column].key] = entry.to ?? entry.text;
        });
        return cells;
      });
      batch.cells.forEach(({ row, column, entry }) => {
        // Typed over meanwhile, or taken back: the later word counts.
        if (batch.added.includes(row) || !row.pending || row.pending[column] !== entry) return;
        if (entry.conflict || row.id < 0) return;
        entry.sent = true;
        const edit = edits.get(row.id) || { row: row.id, version: entry.version, cells: {} };
        edit.version = Math.min(edit.version, entry.version);
        const cell = { seen: entry.seen };
        if (entry.accept) cell.accept = entry.accept;
        else if (entry.restore) cell.restore = entry.restore;
        else cell.to = entry.to;
        edit.cells[this.store.columns[column].key] = cell;
        edits.set(row.id, edit);
      });
      if (!edits.size && !added.length) return null;
      return { since: this.store.version, how: batch.how, edits: Array.from(edits.values()), add: added };
    }

    // POSTs JSON; {failed, words} when nothing was decided, {refusal} when the server said no.
    async ask(url, body, form) {
      const headers = { "X-CSRFToken": this.token, "X-Requested-With": "fetch" };
      if (!form) headers["Content-Type"] = "application/json";
      let answer;
      try {
        answer = await fetch(url, {
          method: body ? "POST" : "GET",
          headers,
          body: form ? body : body ? JSON.stringify(body) : undefined,
          credentials: "same-origin",
        });
      } catch {
        return { failed: true, words: this.words.offline };
      }
      if (answer.redirected) return { failed: true, login: true, words: this.words.login };
      const json = (answer.headers.get("Content-Type") || "").includes("json");
      if (!json) {
        // A token of before the last login: the page fetches the new one and tries again.
        if (answer.status === 403) await this.renew();
        return { failed: true, words: this.words.failed };
      }
      const told = await answer.json();
      if (told.token) this.token = told.token;
      return told;
    }

    async renew() {
      try {
        const answer = await fetch(`${this.urls.changes}?since=${this.store.version}`);
        const told = answer.redirected ? {} : await answer.json();
        if (told.token) this.token = told.token;
      } catch {
        // Still no connection: the next attempt will see.
      }
    }

    retry(told) {
      this.trouble = told.words;
      this.login = Boolean(told.login);
      const pause = PAUSES[Math.min(this.fails, PAUSES.length - 1)];
      this.fails += 1;
      this.timer = setTimeout(() => {
        this.timer = 0;
        this.next();
      }, pause);
      this.tell();
    }

    // -- what came of it ------------------------------------------------------------------------

    arrived(batch, told) {
      if (!told) {
        batch.done({ saved: [] });
        return;
      }
      const held = new Map(told.held.map((one) => [one.row, one]));
      batch.added.forEach((row, place) => {
        this.store.name(row, told.added[place]);
      });
      const done = [];
      batch.cells.forEach(({ row, column, entry }) => {
        const stopped = held.get(row.id);
        if (stopped) {
          this.hold(row, column, entry, stopped);
          return;
        }
        if (entry.sent) done.push({ row, column, entry });
        if (row.pending && row.pending[column] === entry && entry.sent) delete row.pending[column];
      });
      const whole = this.store.apply(told);
      done.forEach(({ row, column, entry }) => {
        entry.after = whole ? row.texts[column] : null;
        entry.sealed = told.sealed[row.id];
        const later = row.pending && row.pending[column];
        if (later && !later.sent) Object.assign(later, { seen: row.texts[column], version: row.version });
        this.store.touch(row);
      });
      // Other cells of these rows that wait were typed on what stood there then; only the version
      // moved, and by our own hand.
      done.forEach(({ row }) =>
        Object.values(row.pending || {}).forEach((entry) => {
          if (!entry.sent && !entry.conflict) entry.version = row.version;
        }),
      );
      if (!whole) this.dispatchEvent(new Event("reload"));
      batch.done({ saved: done, held: told.held, added: batch.added });
      if (told.held.length) this.dispatchEvent(new CustomEvent("held", { detail: told.held }));
      this.tell();
    }

    hold(row, column, entry, stopped) {
      entry.sent = false;
      const key = this.store.columns[column].key;
      if (!row.pending || row.pending[column] !== entry) return;
      if (stopped.gone.includes(key) || !this.store.byId.has(row.id) || (!stopped.keys.length && !stopped.gone.length)) {
        delete row.pending[column];
      } else if (stopped.keys.length || stopped.gone.length) {
        entry.conflict = {
          who: stopped.who,
          when: stopped.when,
          first: stopped.keys.includes(key),
        };
      }
      this.store.touch(row);
    }

    refused(batch, refusal) {
      // Not now, or not by this account: the words stay in the page until a person decides.
      batch.cells.forEach(({ entry }) => (entry.sent = false));
      const before = this.stuck ? this.stuck.batch : { cells: [], added: [] };
      const whole = { ...batch, cells: [...before.cells, ...batch.cells], added: [...before.added, ...batch.added] };
      this.stuck = { batch: whole, refusal };
      batch.done({ refusal });
      this.dispatchEvent(new CustomEvent("refused"));
      this.tell();
    }

    // Try a refused batch once more, or let it go.
    again(batch) {
      this.stuck = null;
      batch.done = () => {};
      this.batches.unshift(batch);
      this.next();
    }

    forget(cells) {
      cells.forEach(({ row, column, entry }) => {
        if (row.pending && row.pending[column] === entry) delete row.pending[column];
        if (row.id < 0 && !zc.hasPending(row)) {
          this.store.rows.splice(this.store.rows.indexOf(row), 1);
        }
        this.store.touch(row);
      });
      this.store.look(true);
      this.tell();
    }

    // A person decided: mine overwrites what is there now, theirs stays.
    decide(conflicts, mine) {
      const again = [];
      conflicts.forEach(({ row, column, entry }) => {
        delete row.pending[column];
        if (mine || !entry.conflict.first) {
          again.push({ row, column, to: entry.to, accept: entry.accept, restore: entry.restore, text: entry.text });
        }
        this.store.touch(row);
      });
      this.tell();
      return again.length ? this.change("edit", again) : Promise.resolve({ saved: [] });
    }
  }

  zc.Saver = Saver;
})((window.zcGrid = window.zcGrid || {}));
