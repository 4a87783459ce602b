// The few drawings of the app, each beside a word.
import { svg, html, type TemplateResult } from "lit";

const PATHS = {
  home: "M3 11 12 3l9 8v10h-6v-6H9v6H3z",
  outbox: "M3 13v7h18v-7M12 16V4m-5 5 5-5 5 5",
  news: "M4 5h16v11H9l-5 4z",
  me: "M12 12a4.2 4.2 0 1 0 0-8.4 4.2 4.2 0 0 0 0 8.4zM4 21c.6-4 3.8-6 8-6s7.400 2 8 6",
  check: "m5 13 4.500 4.500L19 7",
  pin: "M12 21s7-6.500 7-12A7 7 0 0 0 5 9c0 5.500 7 12 7 12zm0-9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  book: "M4 5c3-1 6-1 8 1 2-2 5-2 8-1v14c-3-1-6-1-8 1-2-2-5-2-8-1zM12 6v14",
  count: "M5 4v16M10 4v16M15 4v16M3 17 21 7",
  form: "M6 3h9l4 4v14H6zM9 11h7M9 15h7",
  warn: "M12 3 2 20h20zM12 10v5m0 2.500v.5",
  share: "M12 15V3m-4 4 4-4 4 4M5 11v10h14V11",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
} as const;
export type Mark = keyof typeof PATHS;

export function mark(name: Mark): TemplateResult {
  return html`<svg class="mark-icon" viewBox="0 0 24 24" aria-hidden="true">${svg`<path d=${PATHS[name]} />`}</svg>`;
}

export const HEXAGON = html`<svg width="26" height="28" viewBox="-1 -1.1 2 2.2" aria-hidden="true"><path d="M.87-.5V.5L0 1-.87.5V-.5L0-1z"/><circle r=".42"/></svg>`;
