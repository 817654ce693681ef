// Copying to and pasting from Excel: tab-separated blocks, quoted cells with line breaks in them.
(function (zc) {
  "use strict";

  const MASKED = /\*{3,}/;

  // Excel's text form: a cell with tabs, breaks or quotes stands in quotes, quotes are doubled.
  function parse(text) {
    const rows = [];
    let row = [];
    let place = 0;
    const plain = text.replace(/\r\n?/g, "\n");
    while (place <= plain.length) {
      let cell = "";
      if (plain[place] === '"') {
        const end = closing(plain, place + 1);
        if (end > 0) {
          cell = plain.slice(place + 1, end).replace(/""/g, '"');
          place = end + 1;
        }
      }
      let stop = place;
      while (stop < plain.length && plain[stop] !== "\t" && plain[stop] !== "\n") stop += 1;
      cell += plain.slice(place, stop);
      row.push(cell.replace(/\s*\n\s*/g, " "));
      if (plain[stop] !== "\t") {
        rows.push(row);
        row = [];
      }
      place = stop + 1;
    }
    // The break after the last line is no line of its own.
    const last = rows[rows.length - 1];
    if (rows.length > 1 && last.length === 1 && last[0] === "") rows.pop();
    return rows;
  }

  function closing(text, from) {
    for (let place = from; place < text.length; place += 1) {
      if (text[place] !== '"') continue;
      if (text[place + 1] === '"') place += 1;
      else return [undefined, "\t", "\n"].includes(text[place + 1]) ? place : -1;
    }
    return -1;
  }

  const write = (text) => (/["\t\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);

  class Clipboard {
    constructor(sheet, store, editor, words, does) {
      Object.assign(this, { sheet, store, editor, words, does });
      const field = editor.field;
      const idle = (work) => (event) => {
        if (editor.open) return;
        event.preventDefault();
        work(event);
      };
      field.addEventListener("copy", idle((event) => event.clipboardData.setData("text/plain", this.text())));
      field.addEventListener(
        "cut",
        idle((event) => {
          event.clipboardData.setData("text/plain", this.text());
          does.clear();
        }),
      );
      field.addEventListener("paste", idle((event) => this.paste(event.clipboardData.getData("text/plain"))));
    }

    // ID numbers leave the grid masked, unless somebody asked to see them.
    text() {
      const { top, bottom, left, right } = this.sheet.range();
      const rows = this.store.view.slice(top, bottom + 1).filter((row) => row !== this.store.draft);
      return rows
        .map((row) => {
          const cells = [];
          for (let column = left; column <= right; column += 1) {
            const number = this.store.columns[column].key === "id_number" && this.editor.whole(row);
            cells.push(write(number || this.store.text(row, column)));
          }
          return cells.join("\t");
        })
        .join("\r\n");
    }

    async paste(text) {
      if (!this.store.editable || !text) return;
      let block = parse(text);
      const range = this.sheet.range();
      const columns = this.store.columns.length;
      // Whole lines of a sheet bring their 序号 along.
      if (range.left === 0 && block.every((row) => row.length === columns + 1 && /^\d*$/.test(row[0]))) {
        block = block.map((row) => row.slice(1));
      }
      const height = range.bottom - range.top + 1;
      const width = range.right - range.left + 1;
      const wide = Math.max(...block.map((row) => row.length));
      // A block laid into a larger range that it fits into is repeated, as in Excel.
      if (height % block.length === 0 && width % wide === 0 && height * width > block.length * wide) {
        const once = block;
        block = Array.from({ length: height }, (_none, row) =>
          Array.from({ length: width }, (_nothing, column) => once[row % once.length][column % wide] ?? ""),
        );
      }
      const rows = this.store.view.slice(range.top).filter((row) => row !== this.store.draft);
      const over = block.length - rows.length;
      let added = 0;
      if (over > 0) {
        const may = !this.store.filtered && !this.store.sorted;
        const answer = await this.does.ask(over, rows.length, may);
        if (answer === "cancel") return;
        if (answer === "add") added = over;
      }
      this.lay(block, rows, range, added);
    }

    lay(block, rows, range, added) {
      const cells = [];
      let masked = 0;
      let beside = 0;
      const fresh = [];
      block.forEach((line, down) => {
        let row = rows[down];
        if (!row) {
          if (fresh.length >= added) return;
          row = this.store.newRow();
          fresh.push(row);
        }
        line.forEach((text, right) => {
          const column = range.left + right;
          if (column >= this.store.columns.length) {
            if (text) beside += 1;
            return;
          }
          if (this.store.columns[column].key === "id_number" && MASKED.test(text)) {
            if (text !== this.store.text(row, column)) masked += 1;
            return;
          }
          if (text === this.store.text(row, column)) return;
          cells.push({ row, column, to: text, text: this.editor.shown(column, text) });
        });
      });
      const left = block.length - rows.length - fresh.length;
      const said = [];
      if (masked) said.push(zc.fill(this.words.pastedMasked, { count: masked }));
      if (beside) said.push(zc.fill(this.words.pastedBeside, { count: beside }));
      if (left > 0) said.push(zc.fill(this.words.pastedLeft, { count: left }));
      if (cells.length) this.does.save("paste", cells);
      const last = Math.min(range.top + block.length, this.store.view.length) - 1;
      this.sheet.extend(Math.max(range.top, last), range.left + block[0].length - 1);
      said.unshift(zc.fill(this.words.pasted, { count: cells.length }));
      this.does.say(said.join(" "));
    }

    // Ctrl+D: the range's first row goes into all rows below; a single cell takes the one above.
    fill() {
      if (!this.store.editable) return;
      const { top, bottom, left, right } = this.sheet.range();
      const first = top === bottom ? top - 1 : top;
      if (first >= 0) this.fillFrom({ top: first, bottom: first, left, right }, bottom, false);
    }

    // The rows of a range go into the rows below it, over and over; counting: numbers go on.
    fillFrom({ top, bottom: end, left, right }, bottom, counting) {
      const height = end - top + 1;
      const cells = [];
      let masked = 0;
      for (let place = end + 1; place <= bottom; place += 1) {
        const row = this.store.view[place];
        if (row === this.store.draft) continue;
        const turn = Math.floor((place - top) / height);
        const source = this.store.view[place - turn * height];
        for (let column = left; column <= right; column += 1) {
          const { key } = this.store.columns[column];
          if (key === "id_number") {
            masked += 1;
            continue;
          }
          let text = this.store.text(source, column);
          if (counting && key === "certificate_number") text = zc.countOn(text, turn * height);
          if (text !== this.store.text(row, column)) cells.push({ row, column, to: text, text });
        }
      }
      if (cells.length) this.does.save("fill", cells);
      const said = [cells.length ? zc.fill(this.words.filled, { count: cells.length }) : this.words.fillSame];
      if (masked) said.push(this.words.fillMasked);
      this.does.say(said.join(" "));
    }
  }

  zc.parseBlock = parse;
  zc.Clipboard = Clipboard;
})((window.zcGrid = window.zcGrid || {}));
