// The challenge is solved by work in the background; whoever opens the question instead keeps it.
(() => {
  const form = document.getElementById("challenge");
  const words = document.getElementById("challenge-words");
  const answer = document.getElementById("challenge-answer");
  const said = document.getElementById("challenge-said");
  const bar = document.getElementById("challenge-progress");
  const say = (name) => { said.textContent = form.querySelector(`[data-say="${name}"]`).textContent; };
  const needed = 2 ** Number(form.dataset.bits);
  if (!window.Worker) return;
  document.getElementById("challenge-work").hidden = false;
  words.open = false;
  say("working");
  // Whoever presses the button too soon, without an answer, only has to wait.
  form.addEventListener("submit", (event) => {
    if (bar.hidden || form.elements.challenge_work.value || answer.value.trim()) return;
    event.preventDefault();
    say("working");
  });
  const worker = new Worker(form.dataset.worker);
  const fail = () => { worker.terminate(); words.open = true; bar.hidden = true; say("failed"); };
  worker.onerror = fail;
  worker.onmessage = ({ data }) => {
    if (data.done === undefined) { bar.value = 1 - Math.exp(-data.tried / needed); return; }
    form.elements.challenge_work.value = data.done;
    bar.value = 1;
    worker.terminate();
    if (words.open || answer.value) { say("ready"); return; }
    say("done");
    form.requestSubmit ? form.requestSubmit() : form.submit();
  };
  worker.postMessage({ token: form.elements.challenge.value, bits: Number(form.dataset.bits) });
})();
