// Words beside the cells of a picture.

export function shorten(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && context.measureText(characters.join("") + "…").width > width) characters.pop();
  return characters.join("") + "…";
}

export const widest = (context, words, limit) =>
  words.reduce((most, word) => Math.max(most, Math.min(limit, context.measureText(word).width)), 0);

// Words are rotated; Chinese characters stay upright, one below the other.
export function drawUpwards(context, text, x, bottom, size) {
  if (/^[\p{Script=Han}…]+$/u.test(text)) {
    context.textAlign = "center";
    [...text].reverse().forEach((character, i) => context.fillText(character, x, bottom - (i + 0.5) * size));
    return;
  }
  context.save();
  context.translate(x, bottom);
  context.rotate(-Math.PI / 2);
  context.textAlign = "left";
  context.fillText(text, 0, 0);
  context.restore();
}
