// Placement by number: the chosen box beside the board, and all of them in a table below.
(function (zc) {
  "use strict";

  const CHOICES = { align: ["left", "center", "right"], valign: ["top", "middle", "bottom"], fit: ["shrink", "wrap"] };
  const TEXTS = ["label", "text"];
  const KEYS = {
    field: ["x", "y", "width", "height", "size", "min_size", "align", "valign", "fit", "label"],
    qr: ["x", "y", "size"],
    photo: ["x", "y", "width", "height"],
    mark: ["x", "y", "width", "height", "text"],
  };
  const COLUMNS = ["x", "y", "width", "height", "size", "min_size", "align", "valign", "fit", "label"];

  class Numbers {
    constructor(board, model, data) {
      this.board = board;
      this.model = model;
      this.words = data.words;
      this.side = document.getElementById("lay-fields");
      this.head = document.getElementById("lay-name");
      this.hint = document.getElementById("lay-hint");
      this.table = document.getElementById("lay-table");
      this.nothing = this.head.textContent;
      this.controls = [];
      this.sides = [];
      this.rows = new Map();
      this.build();
      this.choose();
      model.addEventListener("change", () => this.change());
      model.addEventListener("choose", () => this.choose());
    }

    // The side of a code goes by the name of a width.
    label(box, key) {
      return box.kind === "qr" && key === "size" ? this.words.width : this.words[key];
    }

    control(box, key, name) {
      const choices = CHOICES[key];
      const element = document.createElement(choices ? "select" : "input");
      if (choices) {
        choices.forEach((value) => element.add(new Option(this.words[value], value)));
      } else if (TEXTS.includes(key)) {
        element.type = "text";
        element.maxLength = 60;
      } else {
        element.type = "number";
        element.step = key === "size" || key === "min_size" ? (box.kind === "qr" ? "0.1" : "0.5") : "0.1";
        element.inputMode = "decimal";
      }
      element.autocomplete = "off";
      element.setAttribute("aria-label", name);
      element.disabled = !this.model.editable;
      element.dataset.place = box.place;
      element.dataset.key = key;
      element.addEventListener("change", () => this.typed(element));
      element.addEventListener("focus", () => this.model.choose(box.place));
      return element;
    }

    typed(element) {
      const { place, key } = element.dataset;
      if (element.type !== "number") this.model.change(place, { [key]: element.value });
      else if (element.value !== "" && element.checkValidity !== undefined) {
        const value = Number(element.value);
        if (Number.isFinite(value)) this.model.change(place, { [key]: value });
      }
      this.fill(element);
    }

    fill(element) {
      const box = this.model.box(element.dataset.place);
      if (box && document.activeElement !== element) element.value = box.entry[element.dataset.key] ?? "";
      else if (box && element.type === "number") element.value = box.entry[element.dataset.key];
    }

    change() {
      if (this.model.boxes().length !== this.rows.size) this.build();
      if (!this.model.box(this.sidePlace) && this.sidePlace) this.choose();
      [...this.controls, ...this.sides].forEach((element) => this.fill(element));
    }

    build() {
      this.controls = [];
      this.rows.clear();
      const head = document.createElement("tr");
      head.append(document.createElement("td"));
      COLUMNS.forEach((key) => {
        const cell = document.createElement("th");
        cell.scope = "col";
        cell.textContent = this.words[key];
        head.append(cell);
      });
      const top = document.createElement("thead");
      top.append(head);
      const body = document.createElement("tbody");
      this.model.boxes().forEach((box) => body.append(this.row(box)));
      this.table.replaceChildren(top, body);
      this.controls.forEach((element) => this.fill(element));
    }

    row(box) {
      const name = this.board.name(box.place);
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => this.model.choose(box.place));
      head.append(button);
      row.append(head);
      COLUMNS.forEach((column) => {
        const cell = document.createElement("td");
        let key = column === "label" && box.kind === "mark" ? "text" : column;
        if (box.kind === "qr" && column === "width") key = "size";
        else if (box.kind === "qr" && column === "size") key = "";
        if (key && KEYS[box.kind].includes(key)) {
          const control = this.control(box, key, `${name} ${this.label(box, key)}`);
          this.controls.push(control);
          cell.append(control);
        }
        row.append(cell);
      });
      this.rows.set(box.place, row);
      return row;
    }

    choose() {
      const box = this.model.box(this.model.chosen);
      this.rows.forEach((row, place) => row.classList.toggle("is-chosen", place === this.model.chosen));
      this.sidePlace = box ? box.place : "";
      this.head.textContent = box ? this.board.name(box.place) : this.nothing;
      this.sides = [];
      this.side.replaceChildren();
      this.tell();
      if (!box) return;
      KEYS[box.kind].forEach((key) => {
        const label = document.createElement("label");
        if (TEXTS.includes(key)) label.className = "lay-wide";
        const told = this.label(box, key);
        label.append(told);
        const control = this.control(box, key, told);
        control.removeAttribute("aria-label");
        this.sides.push(control);
        label.append(control);
        this.side.append(label);
      });
      this.sides.forEach((element) => this.fill(element));
    }

    // What the last preview said of the chosen box.
    tell(problems) {
      if (problems) this.problems = problems;
      const own = (this.problems || []).filter(({ place }) => place === this.model.chosen);
      this.hint.textContent = this.model.chosen ? own.map(({ message }) => message).join("") : this.words.none;
    }
  }

  zc.LayoutNumbers = Numbers;
})((window.zc = window.zc || {}));
