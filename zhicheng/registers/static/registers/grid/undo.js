// Undo and redo. What is saved is never unsaved: undoing is a new change to the old values, with
// the same checks, versions and audit event as any other, and the same conflict when somebody else
// was there meanwhile. A former ID number comes back sealed; this page never reads it.
(function (zc) {
  "use strict";

  const DEEPEST = 100;

  class Undo {
    constructor(saver, store, words, does) {
      Object.assign(this, { saver, store, words, does });
      this.past = [];
      this.future = [];
    }

    // Every change of the grid goes through here.
    async save(how, cells) {
      const moves = cells.map(({ row, column }) => ({ row, column, before: row.texts[column] }));
      this.future = [];
      const step = { how, moves };
      this.past.push(step);
      if (this.past.length > DEEPEST) this.past.shift();
      this.does.changed();
      const came = await this.saver.change(how, cells);
      step.added = came.added || [];
      this.settle(this.past, step, came, "sealed");
      return came;
    }

    // What wasn't saved can't be taken back; a number's seal came with the answer.
    settle(pile, step, came, kept) {
      const saved = new Map((came.saved || []).map((done) => [`${done.row.id}/${done.column}`, done.entry]));
      step.moves = step.moves.filter((move) => {
        const entry = saved.get(`${move.row.id}/${move.column}`);
        if (!entry || entry.after === null) return false;
        move.after = entry.after;
        if (this.number(move)) move[kept] = entry.sealed;
        return !this.number(move) || move[kept];
      });
      if (!step.moves.length && pile.includes(step)) pile.splice(pile.indexOf(step), 1);
      this.does.changed();
    }

    number(move) {
      return this.store.columns[move.column].key === "id_number";
    }

    undo() {
      return this.turn(this.past, this.future, "undo");
    }

    redo() {
      return this.turn(this.future, this.past, "redo");
    }

    // One after the other, however fast the key is pressed.
    turn(from, onto, how) {
      this.turning = (this.turning || Promise.resolve()).then(() => this.step(from, onto, how));
      return this.turning;
    }

    async step(from, onto, how) {
      if (!this.store.editable) return;
      if (this.saver.trouble) {
        this.does.say(this.words.undoOffline);
        return;
      }
      await this.saver.settled();
      const step = from.pop();
      if (!step) {
        this.does.say(how === "undo" ? this.words.undoNone : this.words.redoNone);
        return;
      }
      const back = how === "undo";
      const cells = step.moves
        .filter(({ row }) => this.store.byId.has(row.id))
        .map((move) => {
          const { row, column } = move;
          const text = back ? move.before : move.after;
          // Somebody else's later value isn't ours to take back: it comes out as a conflict.
          const seen = back ? move.after : move.before;
          if (this.number(move)) {
            const version = row.texts[column] === seen ? undefined : 0;
            return { row, column, restore: back ? move.sealed : move.redone, text, seen, version };
          }
          return { row, column, to: text, text, seen };
        });
      this.does.show(cells);
      const before = step.moves.map((move) => ({ ...move }));
      const came = await this.saver.change(how, cells);
      const done = new Map((came.saved || []).map((one) => [`${one.row.id}/${one.column}`, one.entry]));
      step.moves = before.filter((move) => {
        const entry = done.get(`${move.row.id}/${move.column}`);
        if (!entry || entry.after === null) return false;
        if (this.number(move)) move[back ? "redone" : "sealed"] = entry.sealed;
        if (!back) move.after = entry.after;
        return true;
      });
      const count = step.moves.length;
      const gone = back ? await this.takeOff(step.added || []) : 0;
      if (gone) step.moves = step.moves.filter(({ row }) => this.store.byId.has(row.id));
      if (step.moves.length) onto.push(step);
      const said = [zc.fill(back ? this.words.undone : this.words.redone, { count })];
      if (gone) said.push(zc.fill(this.words.removed, { count: gone }));
      this.does.say(said.join(" "));
      this.does.changed();
    }

    // Rows that the undone step had added and that are empty now were never people.
    async takeOff(added) {
      const empty = added.filter((row) => this.store.byId.has(row.id) && row.texts.every((text) => !text));
      if (!empty.length) return 0;
      const told = await this.saver.ask(this.saver.urls.remove, {
        rows: empty.map((row) => ({ row: row.id, version: row.version })),
      });
      await this.does.reload();
      return told.removed ? empty.length : 0;
    }
  }

  zc.Undo = Undo;
})((window.zcGrid = window.zcGrid || {}));
