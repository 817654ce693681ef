// Reads QR codes from the camera and from pictures, in the browser: BarcodeDetector where there is
// one, else zxing-cpp (WebAssembly), which is loaded when it's first needed.
const ZcScan = (() => {
  "use strict";
  const LARGEST = 2400; // pixels a side: photos of today's phones are larger than a code needs
  const PAUSE = 200; // ms between two looks
  let loading = null, stream = null, looking = false;

  function library(urls) {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = urls.decoder;
      script.onload = () => {
        globalThis.ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => urls.wasm } });
        resolve(globalThis.ZXingWASM);
      };
      script.onerror = () => { loading = null; reject(new Error("decoder")); };
      document.head.append(script);
    });
    return loading;
  }

  async function detector() {
    try {
      const formats = await globalThis.BarcodeDetector?.getSupportedFormats();
      return formats?.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
    } catch { return null; }
  }

  // The texts of the codes on a picture (ImageData).
  async function read(picture, urls) {
    const own = await detector();
    if (own) {
      const found = await own.detect(picture).catch(() => []);
      if (found.length) return found.map((code) => code.rawValue);
    }
    const other = await library(urls);
    const found = await other.readBarcodes(picture, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 4 });
    return found.filter((code) => code.isValid).map((code) => code.text);
  }

  function pixels(source, width, height) {
    const scale = Math.min(1, LARGEST / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  async function photo(file, urls) {
    const bitmap = await createImageBitmap(file);
    return read(pixels(bitmap, bitmap.width, bitmap.height), urls);
  }

  // Looks through the camera until a code is seen or `stop` is called; gives its text or null.
  async function camera(video, urls) {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } } });
    looking = true;
    video.srcObject = stream;
    await video.play();
    while (looking) {
      if (video.videoWidth) {
        const [text] = await read(pixels(video, video.videoWidth, video.videoHeight), urls);
        if (text) { stop(video); return text; }
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return null;
  }

  function stop(video) {
    looking = false;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  }

  return { camera, photo, stop };
})();
globalThis.ZcScan = ZcScan;
