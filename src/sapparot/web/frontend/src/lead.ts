// What the pages of those who lead do when there is JavaScript; without it they work by forms and reloading.

import { LivePage } from "./live-page";

// Nothing is sent twice by a second tap.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// The tab that one is on may lie beyond the edge of a phone.
const tabs = document.querySelector<HTMLElement>(".tabs");
const here = tabs?.querySelector<HTMLElement>("[aria-current]");
if (tabs && here) tabs.scrollLeft = here.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;

// Tick everybody on the page.
for (const all of document.querySelectorAll<HTMLInputElement>("input[data-all]")) {
  all.hidden = false;
  all.parentElement!.querySelector("[data-all-label]")?.removeAttribute("hidden");
  all.addEventListener("change", () => {
    for (const each of all.closest("form")!.querySelectorAll<HTMLInputElement>("input[type=checkbox][name]")) each.checked = all.checked;
  });
}

// Copy a link.
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy!);
    button.textContent = button.dataset.done!;
  });
}

customElements.define("live-page", LivePage);

// Passkeys, where a page speaks of them.
if (document.querySelector("[data-passkey]")) void import("./passkeys");
