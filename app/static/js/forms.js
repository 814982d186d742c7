/**
 * What makes forms kind: nothing typed is lost, nothing is sent twice, errors lead to their field.
 *
 * It works on every `main form[method=post]` but those with `data-bh-plain`.
 */

import { startChecks } from "./checks.js";
import { settleDrafts, startDraft } from "./drafts.js";
import { startCounters, startGroups, startRepeats, startWhens } from "./fields.js";
import { make, note, say } from "./words.js";

/** Attach to every form of the page. */
export function startForms() {
  settleDrafts();
  startCounters(document);
  for (const form of document.querySelectorAll("main form[method=post]:not([data-bh-plain])")) {
    startWhens(form);
    startGroups(form);
    startRepeats(form);
    startChecks(form);
    const draft = form.dataset.bhDraft ? startDraft(form) : null;
    if (!draft) guard(form);
    sendOnce(form, draft);
  }
  for (const form of document.querySelectorAll("form[data-bh-plain][method=post]")) sendOnce(form, null);
  document.querySelector("[data-bh-errors]")?.focus();
}

/** Ask before leaving a form whose text is kept nowhere. */
function guard(form) {
  let typed = false;
  form.addEventListener("input", () => {
    typed = true;
  });
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && !aside(event)) typed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (typed) event.preventDefault();
  });
}

/** Let a form go once: the buttons rest and the pressed one says so. */
function sendOnce(form, draft) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (aside(event)) {
      lookAt(event.submitter.getAttribute("formtarget"));
      return;
    }
    if (sent) {
      event.preventDefault();
      return;
    }
    if (draft && navigator.onLine === false) {
      event.preventDefault();
      draft.keep();
      offline(form);
      return;
    }
    draft?.sent();
    if (form.dataset.bhDownload !== undefined) return; // the page stays; a file arrives beside it
    sent = true;
    // After the event: a disabled button would not be among the values that are sent.
    setTimeout(() => rest(form, event.submitter), 0);
  });
  // A page that comes back from the history is a fresh one.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sent = false;
    for (const button of form.querySelectorAll("button[data-bh-resting]")) wake(button);
  });
}

/** Whether the answer goes to a frame of the page, which stays as it is. */
function aside(event) {
  return Boolean(event.submitter?.getAttribute("formtarget"));
}

function lookAt(name) {
  const frame = document.querySelector(`iframe[name="${name}"]`);
  frame?.scrollIntoView({ block: "center" });
  frame?.focus({ preventScroll: true });
}

function rest(form, pressed) {
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.dataset.bhResting = "";
    button.disabled = true;
  }
  if (pressed && form.closest("main") && pressed.matches(".btn")) {
    pressed.dataset.bhLabel = pressed.innerHTML;
    pressed.replaceChildren(make("i", { class: "bi bi-arrow-repeat", "aria-hidden": "true" }), say("sending"));
    pressed.setAttribute("role", "status");
  }
}

function wake(button) {
  button.disabled = false;
  delete button.dataset.bhResting;
  if (button.dataset.bhLabel) button.innerHTML = button.dataset.bhLabel;
  delete button.dataset.bhLabel;
  button.removeAttribute("role");
}

function offline(form) {
  form.querySelector("[data-bh-offline]")?.remove();
  const warning = note("yellow", "wifi-off", say("offline"));
  warning.dataset.bhOffline = "";
  (form.querySelector(".bh-save") ?? form.lastElementChild).before(warning);
}
