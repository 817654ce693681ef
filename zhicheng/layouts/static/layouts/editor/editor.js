// Starts the editor of a layout and joins its parts: model, board, hand, numbers, server.
(function (zc) {
  "use strict";

  let running = null;

  // A boosted form brings a new page into the window without its scripts: then it begins anew.
  function begin() {
    const root = document.getElementById("layout-editor");
    if (root && root.dataset.begun) return;
    if (running) running.abort();
    running = null;
    if (!root) return;
    root.dataset.begun = "true";
    running = new AbortController();
    edit(running.signal);
  }

  function edit(signal) {
    const data = JSON.parse(document.getElementById("layout-data").textContent);
    const words = data.words;
    const byId = (id) => document.getElementById(id);
    const model = new zc.LayoutModel(data.layout, data.editable);
    const board = new zc.LayoutBoard(byId("lay-board"), model, data, signal);
    const server = new zc.LayoutServer(model, data);
    const numbers = new zc.LayoutNumbers(board, model, data);
    new zc.LayoutHand(board, model);
    zc.layout = { model, board, server };
    signal.addEventListener("abort", () => server.stop());

    const state = byId("lay-state");
    const alerts = byId("lay-alert");
    const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, key) => values[key]);
    let last = fill(words.clean, { revision: data.revision });

    function standing() {
      const dirty = data.editable && server.dirty;
      state.textContent = dirty ? words.dirty : last;
      state.classList.toggle("is-dirty", dirty);
      // Steps with a draft are steps with what is kept of it.
      ["use", "import", "background", "remove-background"].forEach((name) => {
        const button = document.querySelector(`[data-dialog="${name}"]`);
        if (!button) return;
        button.disabled = dirty;
        button.title = dirty ? words.save_first : "";
      });
      if (!data.editable) return;
      byId("lay-undo").disabled = !model.past.length;
      byId("lay-redo").disabled = !model.future.length;
      byId("lay-photo").textContent = model.content.photo ? words.remove_photo : words.add_photo;
    }

    function complain(refusal) {
      alerts.replaceChildren();
      if (!refusal) return;
      const box = document.createElement("div");
      box.className = "zc-refusal";
      const strong = document.createElement("strong");
      strong.textContent = refusal.message;
      const first = document.createElement("p");
      first.append(strong);
      box.append(first);
      const told = [];
      if (refusal.found) told.push(`${words.found}：${refusal.found}`);
      if (refusal.expected) told.push(`${words.expected}：${refusal.expected}`);
      if (refusal.mend) told.push(refusal.mend);
      const more = document.createElement("p");
      more.textContent = told.join("　");
      box.append(more);
      if (refusal.rule === "layout.changed_meanwhile" || refusal.rule === "lifecycle.wrong_state") {
        const ways = document.createElement("p");
        ways.className = "zc-inline";
        const keep = document.createElement("button");
        keep.type = "button";
        keep.className = "btn";
        keep.textContent = words.keep;
        keep.addEventListener("click", () => server.download());
        const again = document.createElement("button");
        again.type = "button";
        again.className = "btn";
        again.textContent = words.reload;
        again.addEventListener("click", () => {
          leaving = true;
          window.location.reload();
        });
        ways.append(keep, " ", again);
        box.append(ways);
      }
      alerts.append(box);
    }

    let leaving = false;
    const guard = (event) => {
      if (data.editable && server.dirty && !leaving) event.preventDefault();
    };
    window.addEventListener("beforeunload", guard, { signal });

    async function save() {
      if (!data.editable) return;
      state.textContent = words.saving;
      const told = await server.save();
      if (told.refusal) complain(told.refusal);
      else if (told.offline) complain({ message: words.offline });
      else {
        complain(null);
        last = fill(words.saved, { revision: told.revision, time: told.saved_at });
        document.querySelectorAll("input[data-revision]").forEach((input) => (input.value = told.revision));
      }
      standing();
    }

    server.addEventListener("preview", ({ detail }) => {
      if (detail.refusal) {
        complain(detail.refusal);
        return;
      }
      board.show(detail.picture, detail.problems);
      numbers.tell(detail.problems);
      const list = byId("lay-problems");
      list.replaceChildren();
      detail.problems.forEach(({ place, severity, message }) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = `is-${severity}`;
        button.textContent = `${board.name(place)}：${message}`;
        button.addEventListener("click", () => model.choose(place));
        item.append(button);
        list.append(item);
      });
      const errors = detail.problems.filter(({ severity }) => severity === "error").length;
      const warnings = detail.problems.length - errors;
      const counts = [];
      if (errors) counts.push(fill(words.errors, { n: errors }));
      if (warnings) counts.push(fill(words.warnings, { n: warnings }));
      byId("lay-count").textContent = counts.join("，") || words.fits;
    });

    model.addEventListener("change", standing);
    byId("lay-smaller").addEventListener("click", () => board.zoomBy(1 / 1.25));
    byId("lay-larger").addEventListener("click", () => board.zoomBy(1.25));
    byId("lay-fit").addEventListener("click", () => board.zoomBy(0));
    byId("lay-boxes").addEventListener("change", (event) => board.svg.classList.toggle("is-bare", !event.target.checked));
    byId("lay-sample").addEventListener("change", (event) => {
      server.sample = event.target.value;
      server.preview();
    });
    if (data.editable) {
      byId("lay-save").addEventListener("click", save);
      byId("lay-undo").addEventListener("click", () => model.undo());
      byId("lay-redo").addEventListener("click", () => model.redo());
      byId("lay-note").addEventListener("input", (event) => {
        server.note = event.target.value;
        standing();
      });
      byId("lay-photo").addEventListener("click", () =>
        model.rework((content) => {
          if (content.photo) delete content.photo;
          else content.photo = { x: 10, y: 10, width: 25, height: 35 };
        }),
      );
      document.addEventListener("keydown", (event) => {
        if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
        const key = event.key.toLowerCase();
        const typing = event.target.matches("input[type=text], input:not([type])");
        if (key === "s") save();
        else if (typing) return;
        else if (key === "z" && !event.shiftKey) model.undo();
        else if (key === "y" || (key === "z" && event.shiftKey)) model.redo();
        else return;
        event.preventDefault();
      }, { signal });
    }
    standing();
    server.preview();
  }

  document.addEventListener("htmx:load", begin);
  begin();
})((window.zc = window.zc || {}));
