/**
 * Drafts: what is typed into a form with `data-bh-draft="name"` is kept on this device until it
 * has arrived, so that an expired session, a lost connection or a closed window costs nothing.
 *
 * A draft belongs to one person (`<body data-bh-person>`), lives for 14 days and holds no files,
 * no passwords and no hidden fields. It is dropped when the page after the submit is a good one.
 */

import { make, note, say, shortTime } from "./words.js";

const DAYS = 14;
const WAITING = "bihuan-sent";
const body = document.body.dataset;

function keyOf(name) {
  return `bihuan-draft:${body.bhPerson}:${name}`;
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false; // a full or forbidden store: the form still works
  }
}

/** Decide what became of a draft that was sent from this window, and forget what is too old. */
export function settleDrafts() {
  try {
    const sent = sessionStorage.getItem(WAITING);
    if (sent && arrived(sent)) localStorage.removeItem(sent);
    if (sent) sessionStorage.removeItem(WAITING);
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith("bihuan-draft:"))) {
      if (!(read(key)?.at > Date.now() - DAYS * 86400000)) localStorage.removeItem(key);
    }
  } catch {
    // Without a store there are no drafts.
  }
}

/** The server took it: a good page that was reached by going on, not by going back. */
function arrived(key) {
  if (body.bhError !== undefined || document.querySelector("[data-bh-errors]")) return false;
  if (!key.startsWith(keyOf(""))) return false; // signed out in between
  if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") return false;
  const here = [...document.querySelectorAll("form[data-bh-draft]")].some((form) => keyOf(form.dataset.bhDraft) === key);
  return !here || Boolean(document.querySelector("[data-bh-flash=green]"));
}

/** Keep what is typed into `form`; return the two things that a submit does with it. */
export function startDraft(form) {
  const key = keyOf(form.dataset.bhDraft);
  const status = form.querySelector("[data-bh-draft-status]");
  const pristine = JSON.stringify(values(form));
  const failed = document.querySelector("[data-bh-errors]") && form.querySelector(".is-invalid, .invalid-feedback");
  const keep = () => {
    const at = Date.now();
    if (!write(key, { at, version: version(form), values: values(form) })) return;
    if (status) tell(status, say("saved", { time: shortTime(at) }));
  };
  const forget = () => {
    localStorage.removeItem(key);
    if (status) status.replaceChildren();
  };
  const found = read(key);
  if (found && !failed && JSON.stringify(found.values) !== pristine) offer(form, found, forget);
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 600);
  });
  window.addEventListener("pagehide", () => {
    if (timer && JSON.stringify(values(form)) !== pristine) keep();
  });
  return {
    keep,
    sent() {
      clearTimeout(timer);
      timer = 0;
      keep();
      try {
        sessionStorage.setItem(WAITING, key);
      } catch {
        // The draft then stays until it is discarded.
      }
    },
  };
}

function tell(status, text) {
  status.replaceChildren(make("i", { class: "bi bi-cloud-check", "aria-hidden": "true" }), ` ${text}`);
}

/** Put the draft back; if the thing has changed since, ask first. */
function offer(form, found, forget) {
  const changed = found.version !== version(form);
  const discard = make("button", { class: "btn btn-quiet", type: "button" }, say("discard"));
  const take = make("button", { class: "btn btn-quiet", type: "button" }, say("restore"));
  const time = shortTime(found.at);
  const box = changed
    ? note("yellow", "people", say("changed", { time }), take, discard)
    : note("grey", "arrow-counterclockwise", say("restored", { time }), discard);
  discard.addEventListener("click", () => {
    forget();
    form.reset();
    form.dispatchEvent(new Event("change", { bubbles: true }));
    box.remove();
  });
  take.addEventListener("click", () => {
    fill(form, found.values);
    box.remove();
  });
  form.prepend(box);
  if (!changed) fill(form, found.values);
}

function version(form) {
  return form.elements.version?.value ?? "";
}

function kept(field) {
  if (field.closest("[data-bh-kept]")) return false; // files that the page carries, good in it alone
  return field.name && !["hidden", "password", "file", "submit", "button", "reset"].includes(field.type);
}

function values(form) {
  const found = {};
  for (const field of form.elements) {
    if (!kept(field)) continue;
    found[field.name] ??= [];
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) found[field.name].push(field.value);
    } else if (field.multiple) {
      found[field.name].push(...[...field.selectedOptions].map((option) => option.value));
    } else {
      found[field.name].push(field.value);
    }
  }
  return found;
}

function fill(form, saved) {
  for (const list of form.querySelectorAll("[data-bh-repeat]")) {
    const numbers = Object.keys(saved)
      .map((name) => name.match(new RegExp(`^${list.dataset.bhRepeat}-(\\d+)-`)))
      .filter(Boolean)
      .map((match) => Number(match[1]) + 1);
    list.bhGrow?.(Math.max(1, ...numbers));
  }
  const taken = {};
  for (const field of form.elements) {
    if (!kept(field) || !(field.name in saved)) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = saved[field.name].includes(field.value);
    } else if (field.multiple) {
      for (const option of field.options) option.selected = saved[field.name].includes(option.value);
    } else {
      taken[field.name] ??= 0;
      field.value = saved[field.name][taken[field.name]] ?? "";
      taken[field.name] += 1;
    }
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
  for (const field of form.querySelectorAll("[data-bh-counted]")) field.dispatchEvent(new Event("input"));
}
