// Brings one element into the state of another by changing as little as possible, so that focus, scroll position, opened
// details and typed text stay where the reader left them.

/** Attributes that belong to the reader and not to the server. */
const READERS = new Set(["open", "tabindex"]);

function keyOf(node: Node): string | null {
  return node instanceof Element ? node.getAttribute("data-key") ?? (node.id || null) : null;
}

function alike(a: Node, b: Node): boolean {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function morphAttributes(have: Element, want: Element): void {
  for (const { name, value } of Array.from(want.attributes)) {
    if (!READERS.has(name) && have.getAttribute(name) !== value) have.setAttribute(name, value);
  }
  for (const { name } of Array.from(have.attributes)) {
    if (!READERS.has(name) && !want.hasAttribute(name)) have.removeAttribute(name);
  }
}

function morphNode(have: Node, want: Node): void {
  if (have instanceof Element && want instanceof Element) {
    // An element that holds state of its own says so; the server does not touch it again.
    if (have.hasAttribute("data-keep")) return;
    morphAttributes(have, want);
    morphChildren(have, want);
  } else if (have.nodeValue !== want.nodeValue) {
    have.nodeValue = want.nodeValue;
  }
}

function morphChildren(have: Element, want: Element): void {
  const keyed = new Map<string, Element>();
  for (const child of Array.from(have.children)) {
    const key = keyOf(child);
    if (key) keyed.set(key, child);
  }
  let place: ChildNode | null = have.firstChild;
  for (const child of Array.from(want.childNodes)) {
    const key = keyOf(child);
    const found: ChildNode | null = key ? (keyed.get(key) ?? null) : place;
    if (!found || !alike(found, child)) {
      have.insertBefore(child, place);
      continue;
    }
    if (found === place) place = place.nextSibling;
    else have.insertBefore(found, place);
    morphNode(found, child);
  }
  while (place) {
    const next: ChildNode | null = place.nextSibling;
    place.remove();
    place = next;
  }
}

/** Makes `have` equal to `want`, inside and in its attributes, and gives the focus back to the element that had it. */
export function morph(have: Element, want: Element): void {
  const focused = document.activeElement;
  morphAttributes(have, want);
  morphChildren(have, want);
  if (focused instanceof HTMLElement || focused instanceof SVGElement) {
    if (focused.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  }
}
