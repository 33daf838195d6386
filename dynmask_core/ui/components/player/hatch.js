// Hatching over a picture: dark and light lines on grey, so that they are seen on whatever lies below.

const HATCH_TILE = 8; // pixels after which the lines repeat
const HATCH_LINE = 1.2;
const HATCH_GREY = "rgb(128 128 128 / .62)";
const HATCH_LINES = [["rgb(0 0 0 / .75)", 0], ["rgb(255 255 255 / .75)", 1.7]];

let hatchTile = null;

function hatchDrawn() {
  if (hatchTile) return hatchTile;
  hatchTile = document.createElement("canvas");
  Object.assign(hatchTile, { width: HATCH_TILE, height: HATCH_TILE });
  const context = hatchTile.getContext("2d");
  context.fillStyle = HATCH_GREY;
  context.fillRect(0, 0, HATCH_TILE, HATCH_TILE);
  for (const [colour, shift] of HATCH_LINES) {
    Object.assign(context, { strokeStyle: colour, lineWidth: HATCH_LINE });
    context.beginPath();
    for (let at = -HATCH_TILE; at <= 2 * HATCH_TILE; at += HATCH_TILE) { // whole lines, so that tiles join
      context.moveTo(at + shift, HATCH_TILE + 1);
      context.lineTo(at + shift + HATCH_TILE + 2, -1);
    }
    context.stroke();
  }
  return hatchTile;
}

// strength: from 0, nothing, to 1.
export function fillHatch(context, box, strength) {
  context.globalAlpha = strength;
  context.fillStyle = context.hatching ??= context.createPattern(hatchDrawn(), "repeat");
  context.fillRect(...box);
  context.globalAlpha = 1;
}
