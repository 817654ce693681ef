// A frame of one inch over the chosen picture: by pointer, by keyboard, by slider. It only says
// which part; the server cuts it from the file itself.
(() => {
  "use strict";
  const RATIO = 25 / 35, WIDTH = 295, HEIGHT = 413;

  function start(form) {
    if (form.dataset.cropReady) return;
    form.dataset.cropReady = "1";
    const find = (name) => form.querySelector(`[data-crop${name}]`);
    const area = find(""), stage = find("-stage"), image = find("-image"), frame = find("-frame");
    const slider = find("-size"), pixels = find("-pixels"), preview = find("-preview");
    const input = form.querySelector("input[type=file]");
    const fields = ["x", "y", "width", "height"].map((side) => form.elements[`crop_${side}`]);
    const box = { x: 0, y: 0, width: 0 };   // in pixels of the picture

    const largest = () => Math.min(image.naturalWidth, image.naturalHeight * RATIO);
    const least = () => Math.min(largest(), WIDTH);

    function put() {
      const most = largest();
      box.width = Math.min(most, Math.max(least(), box.width));
      const height = box.width / RATIO;
      box.x = Math.min(image.naturalWidth - box.width, Math.max(0, box.x));
      box.y = Math.min(image.naturalHeight - height, Math.max(0, box.y));
      const scale = image.clientWidth / image.naturalWidth;
      frame.style.left = `${box.x * scale}px`;
      frame.style.top = `${box.y * scale}px`;
      frame.style.width = `${box.width * scale}px`;
      frame.style.height = `${height * scale}px`;
      const span = most - least();
      slider.value = span > 0 ? Math.round((box.width - least()) / span * 1000) : 1000;
      [box.x / image.naturalWidth, box.y / image.naturalHeight,
        box.width / image.naturalWidth, height / image.naturalHeight]
        .forEach((value, index) => { fields[index].value = Math.max(0, value).toFixed(6); });
      const small = Math.round(box.width) < WIDTH || Math.round(height) < HEIGHT;
      pixels.textContent = `${Math.round(box.width)} × ${Math.round(height)}` +
        (small ? ` ${pixels.dataset.least}` : "");
      pixels.classList.toggle("zc-too-small", small);
      preview.getContext("2d").drawImage(
        image, box.x, box.y, box.width, height, 0, 0, preview.width, preview.height);
    }

    function resize(width) {
      const middle = box.x + box.width / 2, centre = box.y + box.width / RATIO / 2;
      box.width = Math.min(largest(), Math.max(least(), width));
      box.x = middle - box.width / 2;
      box.y = centre - box.width / RATIO / 2;
      put();
    }

    function clear() {
      area.hidden = true;
      for (const field of fields) field.value = "";
    }

    input.addEventListener("change", () => {
      clear();
      const file = input.files[0];
      if (!file) return;
      const reader = new FileReader();
      reader.addEventListener("load", () => { image.src = reader.result; });
      reader.readAsDataURL(file);
    });
    image.addEventListener("load", () => {
      area.hidden = false;
      box.width = largest();
      box.x = (image.naturalWidth - box.width) / 2;
      box.y = (image.naturalHeight - box.width / RATIO) / 4;
      put();
    });
    image.addEventListener("error", clear);   // the server says what is wrong with it
    slider.addEventListener("input", () =>
      resize(least() + (largest() - least()) * slider.value / 1000));

    let held = null;
    stage.addEventListener("pointerdown", (event) => {
      if (!frame.contains(event.target)) return;
      held = { x: event.clientX, y: event.clientY, box: { ...box }, corner: event.target !== frame };
      stage.setPointerCapture(event.pointerId);
      frame.focus({ preventScroll: true });
      event.preventDefault();
    });
    stage.addEventListener("pointermove", (event) => {
      if (!held) return;
      const scale = image.naturalWidth / image.clientWidth;
      const across = (event.clientX - held.x) * scale, down = (event.clientY - held.y) * scale;
      if (held.corner) {
        const room = Math.min(image.naturalWidth - held.box.x,
          (image.naturalHeight - held.box.y) * RATIO);
        box.x = held.box.x;
        box.y = held.box.y;
        box.width = Math.min(room, held.box.width + Math.max(across, down * RATIO));
      } else {
        box.x = held.box.x + across;
        box.y = held.box.y + down;
      }
      put();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      stage.addEventListener(end, () => { held = null; });
    }
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      resize(box.width * (event.deltaY < 0 ? 0.95 : 1.05));
    }, { passive: false });
    frame.addEventListener("keydown", (event) => {
      const step = (event.shiftKey ? 0.1 : 0.01) * image.naturalWidth;
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      if (event.key in moves) {
        box.x += moves[event.key][0];
        box.y += moves[event.key][1];
        put();
      } else if (event.key === "+" || event.key === "=") {
        resize(box.width * 1.03);
      } else if (event.key === "-" || event.key === "_") {
        resize(box.width * 0.97);
      } else {
        return;
      }
      event.preventDefault();
    });
    window.addEventListener("resize", () => { if (!area.hidden) put(); });
  }

  const all = () => document.querySelectorAll("[data-crop-form]").forEach(start);
  document.addEventListener("DOMContentLoaded", all);
  document.addEventListener("htmx:afterSettle", all);
  all();
})();
