// A station's two dialogs: a whole pile at once, and the agent who takes what is scanned.
(function () {
  "use strict";

  const id = (name) => document.getElementById(name);

  // ---- a pile: first and last serial, the counted number, once
  function openPile() {
    const dialog = id("pile");
    ["pile-first", "pile-last", "pile-counted"].forEach((name) => (id(name).value = ""));
    preview(null);
    dialog.showModal();
    id("pile-first").focus();
  }
  function preview(answer) {
    const good = answer && answer.outcome === "preview" && answer.count > 0;
    id("pile-said").textContent = answer ? [answer.title, answer.detail].filter(Boolean).join(" ") : "";
    id("pile-said").classList.toggle("zc-error", Boolean(answer) && !good);
    id("pile").querySelector("[data-pile-count]").hidden = !good;
    id("pile").querySelector("[data-confirm]").hidden = !good;
    id("pile").querySelector("[data-look]").hidden = Boolean(good);
    if (good) id("pile-counted").focus();
  }
  function ends() {
    return { first: id("pile-first").value.trim(), last: id("pile-last").value.trim() };
  }
  async function ask(more) {
    const agent = (window.zcAgent && window.zcAgent.id) || "";
    const body = new URLSearchParams({ ...ends(), agent: agent, ...more });
    const failed = () => (id("pile-said").textContent = window.zcStation.words().offline);
    return window.zcStation.post(window.zcStation.words().pile, body, failed, failed);
  }
  async function submitPile(event) {
    event.preventDefault();
    const confirmed = !id("pile").querySelector("[data-confirm]").hidden;
    if (!ends().first) return id("pile-first").focus();
    if (!ends().last) return id("pile-last").focus();
    if (id("pile").dataset.busy) return;
    id("pile").dataset.busy = "yes";
    const answer = await ask(confirmed ? { counted: id("pile-counted").value } : {});
    delete id("pile").dataset.busy;
    if (!answer) return;
    if (answer.outcome !== "good") return preview(answer);
    id("pile").close();
    window.zcStation.show(answer);
    window.zcStation.focus();
  }

  // ---- the agent
  function showAgent() {
    const place = id("scan-agent");
    if (!place) return;
    place.hidden = !window.zcAgent;
    place.querySelector("span").textContent = window.zcAgent ? window.zcAgent.title : "";
  }
  async function submitAgent(event) {
    event.preventDefault();
    const form = event.target;
    const said = form.querySelector("[data-agent-said]");
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    const failed = () => (said.textContent = window.zcStation.words().offline);
    const answer = await window.zcStation.post(form.action, new FormData(form), failed, failed);
    delete form.dataset.busy;
    if (!answer) return;
    if (answer.outcome !== "good") {
      said.textContent = [answer.title, answer.detail].filter(Boolean).join(" ");
      return;
    }
    window.zcAgent = answer;
    form.reset();
    said.textContent = "";
    id("agent").close();
    showAgent();
    window.zcStation.focus();
  }

  document.addEventListener("submit", function (event) {
    if (event.target.closest("#pile")) submitPile(event);
    if (event.target.matches("[data-agent-form]")) submitAgent(event);
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-pile-open]")) openPile();
    if (event.target.closest("[data-agent-open]")) id("agent").showModal();
    if (event.target.closest("[data-agent-end]")) {
      window.zcAgent = null;
      showAgent();
      window.zcStation.focus();
    }
  });
  document.addEventListener("input", function (event) {
    if (event.target.matches("#pile-first, #pile-last")) preview(null);
  });
  // A dialog that closes gives the scanner its box back.
  document.addEventListener("close", (event) => event.target.matches("dialog") && window.zcStation.focus(), true);
})();
