// A small helper to build elements: text is always text, never markup.

type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, unknown>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  apply(element, attributes, children);
  return element;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  apply(element, attributes, children);
  return element;
}

function apply(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on") && typeof value === "function") {
      element.addEventListener(name.slice(2), value as EventListener);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child instanceof Node ? child : String(child));
    }
  }
}

// A colour chip: the policy of the page forbids style attributes, not styles set by script.
export function chip(colour: string): HTMLElement {
  const found = h("span", { class: "chip", "aria-hidden": "true" });
  found.style.background = colour;
  return found;
}

export function short(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return "—";
  for (const [factor, unit] of [[1e9, " G"], [1e6, " M"], [1e3, " k"]] as const) {
    if (Math.abs(value) >= factor) return Number((value / factor).toPrecision(digits)) + unit;
  }
  return String(Number(value.toPrecision(digits)));
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? "—" : `${Number((100 * share).toPrecision(2))} %`;
}
