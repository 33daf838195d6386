// Pieces of a component's data, each fetched once: see pieces.py.

// Where the app is: Streamlit's own scripts lie in ROOT/static/js, also behind a proxy that gives it a path.
const appScript = () => document.querySelector('script[src*="/static/js/"]')?.src ?? document.baseURI;
const pieceAddress = (path) => new URL(`../..${path}`, appScript()).href;

// What the view asked for that asked last: one that takes its place begins with it.
let latestPieces = new Map();

function createPieces() {
  let known = latestPieces; // path → its content, or the promise of it

  async function fetched(path, head) {
    const answer = await fetch(pieceAddress(path));
    // Some proxies answer with a page of their own.
    const isPiece = answer.ok && answer.headers.get("content-type") === "application/octet-stream";
    if (!isPiece) throw new Error(`${answer.status} ${path}`);
    return new Uint8Array(await answer.arrayBuffer()).subarray(head);
  }

  // The contents, joined: at once if all are here, else as a promise, which fails if one cannot be had. What is not
  // asked for again is forgotten.
  return ({ paths, head }) => {
    const wanted = new Map(paths.map((path) => [path, known.get(path) ?? fetched(path, head)]));
    known = latestPieces = wanted;
    for (const [path, content] of wanted) {
      if (content instanceof Uint8Array) continue;
      content.then((bytes) => wanted.set(path, bytes), () => { if (wanted.get(path) === content) wanted.delete(path); });
    }
    const contents = [...wanted.values()];
    return contents.every((content) => content instanceof Uint8Array) ? joinPieces(contents) : Promise.all(contents).then(joinPieces);
  };
}

function joinPieces(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
