// What the grid asks: who came first and whose value shall stand, more rows than there are, rows
// to be taken off, why the server said no, which keys there are.
(function (zc) {
  "use strict";

  const { element, fill } = zc;

  // Opens a dialog; gives the value of the button that closed it, "cancel" for Escape.
  function ask(id, prepare) {
    const dialog = document.getElementById(id);
    if (prepare) prepare(dialog);
    dialog.returnValue = "cancel";
    dialog.showModal();
    return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
  }

  const put = (dialog, name, text) => (dialog.querySelector(`[data-say='${name}']`).textContent = text);

  class Conflicts {
    constructor(grid) {
      Object.assign(this, grid);
      this.dialog = document.getElementById("conflict-dialog");
      this.body = this.dialog.querySelector("tbody");
      this.dialog.querySelector("[data-all='mine']").addEventListener("click", () => this.settle(this.all(), true));
      this.dialog.querySelector("[data-all='theirs']").addEventListener("click", () => this.settle(this.all(), false));
      this.saver.addEventListener("held", ({ detail }) => {
        const lost = detail.filter((one) => !one.keys.length && !one.gone.length);
        if (lost.length) this.say(fill(this.words.rowsGone, { count: lost.length }), "bad");
        if (detail.some((one) => one.gone.length)) this.say(this.words.offersGone, "bad");
        if (this.saver.conflicts.length) this.show();
      });
    }

    all() {
      return this.saver.conflicts;
    }

    async settle(conflicts, mine) {
      await this.saver.decide(conflicts, mine);
      if (this.all().length) this.list();
      else this.dialog.close();
    }

    show() {
      this.list();
      if (!this.dialog.open) this.dialog.showModal();
    }

    list() {
      // A row is held as a whole: its other cells follow the word on the disputed one.
      const shown = this.all().filter(({ entry }) => entry.conflict.first);
      this.body.replaceChildren(
        ...shown.map((conflict) => {
          const { row, column, entry } = conflict;
          const line = element("tr");
          const title = this.store.columns[column].title;
          const number = this.store.columns[column].key === "id_number";
          line.append(
            element("td", "zc-number", row.position),
            element("td", "", this.store.text(row, this.sheet.name)),
            element("td", "", title),
            element("td", "conflict-value", row.texts[column] || this.words.empty),
            element("td", "", `${entry.conflict.who} ${entry.conflict.when}`),
            element("td", "conflict-value", (number ? zc.mask(entry.to || "") : entry.text) || this.words.empty),
          );
          const choice = element("td", "conflict-choice");
          const together = () => this.all().filter((one) => one.row === row);
          [
            ["theirs", this.words.keepTheirs, false],
            ["mine", this.words.keepMine, true],
          ].forEach(([key, text, mine]) => {
            const button = element("button", "btn btn-sm" + (mine ? " btn-primary" : ""), text);
            button.type = "button";
            button.dataset.keep = key;
            button.setAttribute("aria-label", `${fill(this.words.place, { row: row.position, column: title })} ${text}`);
            button.addEventListener("click", () => this.settle(together(), mine));
            choice.append(button);
          });
          line.append(choice);
          return line;
        }),
      );
    }
  }

  class Dialogs {
    constructor(grid) {
      Object.assign(this, grid);
      this.saver.addEventListener("refused", () => this.refused());
    }

    pasteBeyond(over, there, may) {
      return ask("paste-dialog", (dialog) => {
        put(dialog, "what", fill(may ? this.words.pasteBeyond : this.words.pasteFiltered, { over, there }));
        dialog.querySelector("[value='add']").hidden = !may;
        put(dialog, "add", fill(this.words.pasteAdd, { over }));
      });
    }

    async remove() {
      const rows = this.sheet.rowsChosen().filter((row) => row.id > 0);
      if (!rows.length || !this.store.editable) return;
      await this.saver.settled();
      const names = rows.slice(0, 8).map((row) => fill(this.words.rowNamed, { row: row.position, name: this.store.text(row, this.sheet.name) }));
      if (rows.length > 8) names.push(fill(this.words.andMore, { count: rows.length - 8 }));
      const answer = await ask("remove-dialog", (dialog) => put(dialog, "what", names.join("、")));
      this.editor.focus();
      if (answer !== "remove") return;
      const told = await this.saver.ask(this.urls.remove, {
        rows: rows.map((row) => ({ row: row.id, version: row.version })),
      });
      if (told.refusal) this.tellRefusal(told.refusal);
      else if (told.failed) this.say(told.words, "bad");
      else this.say(fill(this.words.removed, { count: rows.length }), "good");
      await this.reload();
    }

    tellRefusal(refusal) {
      const sides = [refusal.found && `${this.words.found} ${refusal.found}`, refusal.expected && `${this.words.expected} ${refusal.expected}`];
      this.say([refusal.message, ...sides, refusal.mend].filter(Boolean).join(" "), "bad");
    }

    // Asks what shall become of everything that the server refused so far.
    async refused() {
      const { refusal, batch } = this.saver.stuck;
      const answer = await ask("refused-dialog", (dialog) => {
        put(dialog, "message", refusal.message);
        put(dialog, "sides", [refusal.found && `${this.words.found} ${refusal.found}`, refusal.expected && `${this.words.expected} ${refusal.expected}`].filter(Boolean).join(" "));
        put(dialog, "mend", refusal.mend);
        put(dialog, "what", fill(this.words.refusedCells, { count: batch.cells.length }));
      });
      if (!this.saver.stuck || this.saver.stuck.batch !== batch) return; // a later one asks for both
      if (answer === "again") this.saver.again(batch);
      else if (answer === "forget") this.saver.forget(batch.cells);
      if (answer === "forget") this.saver.stuck = null;
      this.saver.tell();
      this.editor.focus();
    }

    help() {
      return ask("keys-dialog").then(() => this.editor.focus());
    }
  }

  zc.Conflicts = Conflicts;
  zc.Dialogs = Dialogs;
})((window.zcGrid = window.zcGrid || {}));
