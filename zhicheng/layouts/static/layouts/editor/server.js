// What the editor asks the server: a preview after each change, and to keep the draft.
(function (zc) {
  "use strict";

  const PAUSE = 250; // ms of quiet before a preview is asked for

  class Server extends EventTarget {
    constructor(model, data) {
      super();
      this.model = model;
      this.data = data;
      this.sample = "plain";
      this.revision = data.revision;
      this.kept = JSON.stringify([model.content, data.note]);
      this.token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
      this.note = data.note;
      model.addEventListener("change", () => this.soon());
    }

    get dirty() {
      return JSON.stringify([this.model.content, this.note]) !== this.kept;
    }

    post(url, body, signal) {
      return fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify(body),
        credentials: "same-origin",
        signal,
      });
    }

    // The page is left: nothing that is still asked for may write into the next one.
    stop() {
      clearTimeout(this.timer);
      if (this.asking) this.asking.abort();
    }

    soon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.preview(), PAUSE);
    }

    async preview() {
      clearTimeout(this.timer);
      if (this.asking) this.asking.abort();
      const asking = (this.asking = new AbortController());
      document.body.dataset.preview = "asking";
      try {
        const answer = await this.post(this.data.preview, { layout: this.model.content, sample: this.sample }, asking.signal);
        const told = await answer.json();
        if (asking !== this.asking) return;
        this.dispatchEvent(new CustomEvent("preview", { detail: told }));
        document.body.dataset.preview = "shown";
      } catch (error) {
        if (error.name !== "AbortError") document.body.dataset.preview = "failed";
      }
    }

    // Keeps the draft; gives {revision, saved_at}, {refusal} or {offline}.
    async save() {
      if (this.saving) return this.saving;
      const content = structuredClone(this.model.content);
      const note = this.note;
      this.saving = (async () => {
        try {
          const answer = await this.post(this.data.save, { revision: this.revision, layout: content, note });
          const told = await answer.json();
          if (answer.ok) {
            this.revision = told.revision;
            this.kept = JSON.stringify([content, note]);
          }
          return told;
        } catch (_error) {
          return { offline: true };
        } finally {
          this.saving = null;
        }
      })();
      return this.saving;
    }

    // The layout as a file for its maker.
    async download() {
      const answer = await this.post(this.data.toml, { layout: this.model.content });
      if (!answer.ok) return;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = `${this.data.code}-mine.toml`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 5000);
    }
  }

  zc.LayoutServer = Server;
})((window.zc = window.zc || {}));
