// What the grid knows: the register's rows as the server last told them, what is typed and not
// yet saved, what the checks found, and which rows are shown in which order. No DOM here.
(function (zc) {
  "use strict";

  const GRAVITY = { error: 0, warning: 1, tidied: 2 };
  const FINDING = ["row", "column", "code", "severity", "clause", "value", "suggestion", "message", "id", "offer"];

  class Store extends EventTarget {
    constructor(editable, account) {
      super();
      this.account = account;
      this.rows = [];
      this.byId = new Map();
      this.view = [];
      this.columns = [];
      this.labels = {};
      this.version = 0;
      this.editable = editable;
      this.filter = { severity: "", code: "", text: "", ids: null };
      this.sort = { column: -1, step: 1 };
      this.draft = null;
      this.present = [];
    }

    tell(kind, detail) {
      this.dispatchEvent(new CustomEvent(kind, { detail }));
    }

    // -- what the server tells ------------------------------------------------------------------

    load(told) {
      const before = this.byId;
      const local = this.rows.filter((row) => row.id < 0);
      this.columns = told.columns.map(([key, title]) => ({ key, title }));
      this.labels = told.labels;
      this.rows = [];
      this.byId = new Map();
      told.rows.forEach((row) => this.put(row, before.get(row[0])));
      local.forEach((row) => this.rows.push(row));
      this.explain(told.findings);
      this.version = told.version;
      this.editable = told.editable;
      this.look();
      return Array.from(before.values()).filter((row) => !this.byId.has(row.id) && zc.hasPending(row));
    }

    put([id, version, position, excel, ...texts], known) {
      const row = known || { id, pending: null, stamp: 0, fresh: null };
      const changed = known ? texts.map((text, place) => text !== known.texts[place]) : null;
      Object.assign(row, { version, position, excel, texts, findings: null, hay: null });
      row.stamp += 1;
      row.changed = changed;
      if (!this.byId.has(id)) this.rows.push(row);
      this.byId.set(id, row);
      return row;
    }

    explain(findings) {
      findings.forEach((told) => {
        const row = this.byId.get(told[0]);
        if (!row) return;
        const finding = {};
        FINDING.forEach((name, place) => (finding[name] = told[place]));
        if (!row.findings) row.findings = new Array(this.columns.length).fill(null);
        const cell = row.findings[finding.column] || (row.findings[finding.column] = []);
        cell.push(finding);
        if (cell.length > 1) cell.sort((one, two) => GRAVITY[one.severity] - GRAVITY[two.severity]);
      });
    }

    // Rows that changed since our version. False: load everything again.
    apply(told) {
      if (told.version < this.version) return true;
      if (told.reload) return false;
      this.version = told.version;
      const turned = told.editable !== undefined && told.editable !== this.editable;
      if (turned) this.editable = told.editable;
      if (told.ids) {
        const there = new Set(told.rows.map((row) => row[0]));
        told.ids.filter((id) => !there.has(id)).forEach((id) => this.drop(id));
        told.rows.forEach((row) => this.put(row, this.byId.get(row[0])));
        this.foreign(told.by || []);
        this.explain(told.findings);
        if (this.byId.size !== told.count) return false;
        this.look(true);
      } else if (turned) {
        this.look(true);
      }
      return this.byId.size === told.count;
    }

    // At which version somebody else last had a hand in a row.
    foreign(by) {
      by.filter((one) => one.account !== this.account).forEach((one) =>
        one.rows.forEach((id) => {
          const row = this.byId.get(id);
          if (row) row.foreign = row.version;
        }),
      );
    }

    drop(id) {
      const row = this.byId.get(id);
      if (!row) return;
      this.byId.delete(id);
      this.rows.splice(this.rows.indexOf(row), 1);
    }

    // -- what is typed --------------------------------------------------------------------------

    text(row, column) {
      const waiting = row.pending && row.pending[column];
      return waiting ? waiting.text : row.texts[column];
    }

    newRow() {
      this.local = (this.local || 0) - 1;
      const row = {
        id: this.local,
        version: 0,
        position: 0,
        excel: null,
        texts: this.columns.map(() => ""),
        pending: null,
        findings: null,
        stamp: 0,
      };
      return row;
    }

    // The empty row at the end that becomes a person when somebody types into it.
    settleDraft() {
      if (!this.editable) this.draft = null;
      else if (!this.draft || this.rows.includes(this.draft)) this.draft = this.newRow();
    }

    adopt(row) {
      if (this.rows.includes(row)) return;
      row.position = this.rows.length + 1;
      this.rows.push(row);
      this.look(true);
    }

    // The server gave the new row its id: what it tells next is put into the same object.
    name(row, id) {
      if (this.byId.has(id)) return;
      row.id = id;
      this.byId.set(id, row);
    }

    // -- which rows are shown -------------------------------------------------------------------

    get filtered() {
      const { severity, code, text } = this.filter;
      return Boolean(severity || code || text);
    }

    get sorted() {
      return this.sort.column >= 0;
    }

    worst(row) {
      let worst = "";
      (row.findings || []).forEach((cell) => {
        if (cell && (!worst || GRAVITY[cell[0].severity] < GRAVITY[worst])) worst = cell[0].severity;
      });
      return worst;
    }

    matches(row) {
      const { severity, code, text, ids } = this.filter;
      if (severity || code) {
        const found = (row.findings || []).some(
          (cell) =>
            cell &&
            cell.some((one) => (!severity || one.severity === severity) && (!code || one.code === code)),
        );
        if (!found) return false;
      }
      if (!text) return true;
      if (ids) return ids.has(row.id);
      if (row.hay === null || row.hay === undefined || row.pending) {
        row.hay = row.texts.map((_text, column) => this.text(row, column)).join("\n").toLowerCase();
      }
      return row.hay.includes(text);
    }

    // ``keep``: rows that were shown stay shown, so that a corrected row doesn't vanish under the
    // hand that corrected it; a new filter decides anew.
    look(keep) {
      const shown = keep && this.filtered ? new Set(this.view) : null;
      this.rows.sort((one, two) => one.position - two.position);
      let view = this.filtered
        ? this.rows.filter((row) => (shown && shown.has(row)) || this.matches(row))
        : this.rows.slice();
      if (this.sorted) {
        const { column, step } = this.sort;
        const compare = (zc.collator ||= new Intl.Collator("zh-Hans", { numeric: true })).compare;
        const keyed = view.map((row) => [this.text(row, column), row]);
        keyed.sort((one, two) => step * compare(one[0], two[0]));
        view = keyed.map((pair) => pair[1]);
      }
      this.settleDraft();
      if (this.draft && !this.filtered) view.push(this.draft);
      this.view = view;
      this.tell("look");
    }

    touch(row) {
      row.stamp += 1;
      row.hay = null;
      this.tell("row", row);
    }

    counts() {
      const counts = { error: 0, warning: 0, tidied: 0, kinds: new Map() };
      this.rows.forEach((row) =>
        (row.findings || []).forEach((cell) =>
          (cell || []).forEach((one) => {
            counts[one.severity] += 1;
            const known = counts.kinds.get(one.code) || { ...one, count: 0, offers: 0 };
            known.count += 1;
            if (one.offer) known.offers += 1;
            counts.kinds.set(one.code, known);
          }),
        ),
      );
      return counts;
    }

    // Which findings the keys for the next and previous fault stop at.
    stops(counts) {
      const { severity, code } = this.filter;
      if (code) return (one) => one.code === code;
      const wanted = severity || (counts.error ? "error" : "warning");
      return (one) => one.severity === wanted;
    }
  }

  zc.Store = Store;
  zc.GRAVITY = GRAVITY;
  zc.hasPending = (row) => Boolean(row.pending && Object.keys(row.pending).length);
  zc.fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ""));
  zc.place = (words, row, column) => zc.fill(row.position ? words.place : words.placeNew, { row: row.position, column });
  zc.mask = function (text) {
    if (text.length >= 12) return text.slice(0, 3) + "*".repeat(text.length - 7) + text.slice(-4);
    if (text.length >= 6) return text.slice(0, 1) + "*".repeat(text.length - 3) + text.slice(-2);
    return "*".repeat(text.length);
  };
})((window.zcGrid = window.zcGrid || {}));
