/**
 * Many tickets at once. In the register: tick a whole page, keep what is ticked from page to page,
 * and say how many it is. On the page of an action: it is sent in parts, a line says how far it has
 * come, and it may be left and gone on with. Each ticket is done under a key of its own, so that
 * nothing is done twice.
 */

import { make, note } from "./words.js";

const PART = 10;
const HOUR = 3600000; // what is older is no longer meant
const LEFT = `bihuan-bulk:${document.body.dataset.bhPerson}`;
const PICKED = `bihuan-picked:${document.body.dataset.bhPerson}:`;
const OUT = new Set([400, 401, 403]); // signed out, or signed in anew, or in another role

function recall(key) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key));
    return kept?.since > Date.now() - HOUR ? kept : null;
  } catch {
    return null;
  }
}

function keep(key, value) {
  try {
    if (value) sessionStorage.setItem(key, JSON.stringify({ ...value, since: Date.now() }));
    else sessionStorage.removeItem(key);
  } catch {
    // Without a store it can still be begun again: what was done is refused by name.
  }
}

/** Forget what was ticked in the register: it is done. */
function forgetPicked() {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PICKED)) sessionStorage.removeItem(key);
  } catch {
    // There is no store.
  }
}

const UNTYPED = ["csrf_token", "idempotency_key", "version", "seen"];
const words = (typed) => JSON.stringify(typed.filter(([name]) => name !== "ids"));

/** In the register: say what was left, with a way back to it. */
function offerLeft(form) {
  const kept = recall(LEFT);
  if (!kept) return;
  const text = form.dataset.bhSaidLeft.replace("{n}", kept.at).replace("{total}", kept.total);
  const link = make("a", { class: "btn btn-plain", href: kept.url }, form.dataset.bhSaidMore);
  document.querySelector(".bh-head").after(note("yellow", "arrow-repeat", text, link));
}

/** The list at hand, whichever page of it. */
function thisList() {
  const asked = new URLSearchParams(location.search);
  for (const name of ["page", "ids", "all"]) asked.delete(name);
  return PICKED + asked;
}

/** Count what is ticked for `form`, on this page and on others; tick or untick the page. */
function startSelection(form) {
  const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"][name=ids]`)];
  const all = form.querySelector("[data-bh-select-page]");
  const status = form.querySelector("[data-bh-selected]");
  const none = form.querySelector("[data-bh-select-none]");
  const here = new Set(boxes.map((box) => box.value));
  const elsewhere = (recall(thisList())?.ids ?? []).filter((id) => !here.has(id));
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    const n = ticked.length + elsewhere.length;
    const said = elsewhere.length ? status.dataset.bhSaidMore : status.dataset.bhSaid;
    status.textContent = n ? said.replace("{n}", n).replace("{m}", elsewhere.length) : "";
    none.hidden = !n;
    form.classList.toggle("is-chosen", n > 0);
    all.checked = ticked.length === boxes.length;
    all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
    keep(thisList(), n ? { ids: [...elsewhere, ...ticked] } : null);
  };
  const tick = (checked) => {
    for (const box of boxes) box.checked = checked;
    tell();
  };
  for (const box of boxes) box.checked ||= recall(thisList())?.ids.includes(box.value) ?? false;
  all.closest("[hidden]")?.removeAttribute("hidden");
  all.addEventListener("change", () => tick(all.checked));
  none.addEventListener("click", () => {
    elsewhere.length = 0;
    tick(false);
    all.focus();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  form.addEventListener("formdata", ({ formData }) => {
    for (const id of elsewhere) formData.append("ids", id);
  });
  offerLeft(form);
  window.addEventListener("pageshow", tell);
  tell();
}

/** Put back what was typed when it was left. */
function refill(form, typed) {
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.tagName === "BUTTON") continue;
    const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
}

/** Send `form` in parts once it is submitted. */
function startParts(form) {
  const before = recall(LEFT);
  const again = before?.url === location.href ? before : null;
  if (again) refill(form, again.typed);
  form.addEventListener("submit", (event) => {
    const data = new FormData(form);
    const ids = data.getAll("ids");
    if (event.defaultPrevented || !ids.length) return; // the server says what is missing
    event.preventDefault();
    const typed = [...data].filter(([name]) => !UNTYPED.includes(name));
    // The same key for the same words: what was done the first time is neither repeated nor refused.
    if (again && words(again.typed) === words(typed)) data.set("idempotency_key", again.key);
    keep(LEFT, { url: location.href, key: data.get("idempotency_key"), at: 0, total: ids.length, typed });
    data.delete("ids");
    const bar = make("progress", { class: "bh-progress", max: ids.length, value: 0, "aria-label": form.dataset.bhSaidProgress });
    const line = note("blue", "arrow-repeat", "", bar);
    const failures = make("ul", { class: "bh-rows" });
    const box = make("div", { class: "bh-stack", tabindex: "-1" }, line, failures);
    form.before(box);
    form.hidden = true;
    box.focus();
    run({ form, data, ids, at: 0, refused: 0, line, bar, failures, box });
  });
}

async function run(work) {
  while (work.at < work.ids.length) {
    say(work, "Going", work.at);
    const part = work.ids.slice(work.at, work.at + PART);
    const found = await send(work, part);
    if (!found.refused) {
      stopped(work, found);
      return;
    }
    work.at += part.length;
    keep(LEFT, work.at < work.ids.length ? { ...recall(LEFT), at: work.at } : null);
    work.refused += found.refused.length;
    work.bar.value = work.at;
    for (const one of found.refused) refuse(work, one);
  }
  forgetPicked();
  work.line.className = `bh-note bh-note-${work.refused < work.ids.length ? "green" : "grey"}`;
  work.line.querySelector("i").className = "bi bi-check2-circle";
  work.bar.remove();
  say(work, "Done", work.ids.length - work.refused);
  if (work.refused) work.failures.before(make("p", {}, work.form.dataset.bhSaidRefused));
  const back = make("a", { class: "btn btn-plain", href: work.form.dataset.bhList }, work.form.dataset.bhSaidBack);
  work.box.append(make("p", {}, back));
}

/** Send one part; return what was refused of it, or what went wrong: "out", "broken", or a sentence. */
async function send(work, part) {
  const body = new URLSearchParams(work.data);
  for (const id of part) body.append("ids", id);
  try {
    const answer = await fetch(work.form.action, { method: "POST", headers: { Accept: "application/json" }, body });
    if (OUT.has(answer.status)) return { wrong: "Out" };
    const found = await answer.json();
    if (answer.ok && Array.isArray(found.refused)) return found;
    return { wrong: "Broken", text: found.errors?.[0] ?? found.message };
  } catch {
    return { wrong: "Broken" }; // no connection: what was done stays done
  }
}

function stopped(work, { wrong, text }) {
  say(work, wrong, work.at);
  if (text) work.line.querySelector("span").textContent = text;
  const { bhSaidEnter, bhSaidMore } = work.form.dataset;
  if (wrong === "Out") {
    work.line.querySelector("div").append(make("a", { class: "btn btn-plain", href: location.href }, bhSaidEnter));
    return;
  }
  const more = make("button", { class: "btn btn-plain", type: "button" }, bhSaidMore);
  more.addEventListener("click", () => {
    more.remove();
    run(work);
  });
  work.line.querySelector("div").append(more);
}

function say(work, what, n) {
  const text = work.form.dataset[`bhSaid${what}`].replace("{n}", n).replace("{total}", work.ids.length);
  work.line.querySelector("span").textContent = text;
}

function refuse(work, one) {
  const title = one.number // nothing is said of what one may not see
    ? [make("a", { class: "bh-row-title", href: `/tickets/${one.id}` }, `${one.number} ${one.title}`)]
    : [];
  work.failures.append(make("li", { class: "bh-row" }, make("div", {}, ...title, make("p", {}, one.sentence))));
}

const parts = document.querySelector("form[data-bh-bulk]");
if (parts) startParts(parts);
else if (recall(LEFT)?.url === location.href) keep(LEFT, null); // nothing is left to do
for (const form of document.querySelectorAll("form[data-bh-select]")) startSelection(form);
