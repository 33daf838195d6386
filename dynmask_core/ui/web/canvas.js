// Drawing on canvas, in CSS pixels.

// fixed: device pixels per CSS pixel for a picture that is saved; null: those of the screen.
export const density = { fixed: null };
const pixelRatio = () => density.fixed ?? (window.devicePixelRatio || 1);

// Sizes the canvas in device pixels and returns a context that counts in CSS pixels.
export function fit(canvas, width, height) {
  const scale = pixelRatio();
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// The nearest edge of a device pixel, so that no seams show between cells.
export function edge(value) {
  const scale = pixelRatio();
  return Math.round(value * scale) / scale;
}

// The smallest round step between labels that leaves `room` pixels for each, if positions are `pitch` pixels apart.
export function labelEvery(count, pitch, room) {
  return [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => step * pitch >= room) ?? count;
}
