/**
 * Many tickets at once. In the register: tick a whole page, and say how many are ticked. On the
 * page of an action: it is sent in parts, a line says how far it has come, and it may be left and
 * gone on with. Each ticket is done under a key of its own, so that nothing is done twice.
 */

import { make, note } from "./words.js";

const PART = 10;
const LEFT = `bihuan-bulk:${document.body.dataset.bhPerson}`;

/** What was begun in this window and not finished: its page, its key, and how far it came. */
function left() {
  try {
    return JSON.parse(sessionStorage.getItem(LEFT));
  } catch {
    return null;
  }
}

function remember(work) {
  try {
    if (work.at >= work.ids.length) sessionStorage.removeItem(LEFT);
    else {
      const kept = { url: location.href, key: work.data.get("idempotency_key"), at: work.at, total: work.ids.length };
      sessionStorage.setItem(LEFT, JSON.stringify(kept));
    }
  } catch {
    // Without a store it can still be begun again: what was done is refused by name.
  }
}

/** In the register: say what was left, with a way back to it. */
function offerLeft(form) {
  const kept = left();
  if (!kept) return;
  const text = form.dataset.bhSaidLeft.replace("{n}", kept.at).replace("{total}", kept.total);
  const link = make("a", { class: "btn btn-plain", href: kept.url }, form.dataset.bhSaidMore);
  document.querySelector(".bh-head").after(note("yellow", "arrow-repeat", text, link));
}

/** Count what is ticked for `form`, and tick or untick the page. */
function startSelection(form) {
  const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"][name=ids]`)];
  const all = form.querySelector("[data-bh-select-page]");
  const status = form.querySelector("[data-bh-selected]");
  const tell = () => {
    const n = boxes.filter((box) => box.checked).length;
    status.textContent = n ? status.dataset.bhSaid.replace("{n}", n) : "";
    all.checked = n === boxes.length;
    all.indeterminate = n > 0 && n < boxes.length;
  };
  all.closest("[hidden]")?.removeAttribute("hidden");
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  offerLeft(form);
  window.addEventListener("pageshow", tell);
  tell();
}

/** Send `form` in parts once it is submitted. */
function startParts(form) {
  const kept = left();
  // The same key: what was done the first time is known, and neither repeated nor refused.
  if (kept?.url === location.href) form.elements.idempotency_key.value = kept.key;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    const data = new FormData(form);
    const ids = data.getAll("ids");
    data.delete("ids");
    const progress = make("progress", { class: "bh-progress", max: ids.length, value: 0 });
    const line = note("blue", "arrow-repeat", "", progress);
    const failures = make("ul", { class: "bh-rows" });
    const box = make("div", { class: "bh-stack" }, line, failures);
    form.before(box);
    form.hidden = true;
    box.scrollIntoView({ block: "nearest" });
    run({ form, data, ids, at: 0, refused: 0, line, progress, failures, box });
  });
}

async function run(work) {
  while (work.at < work.ids.length) {
    say(work, "Going", work.at);
    const part = work.ids.slice(work.at, work.at + PART);
    const found = await send(work, part);
    if (!found) {
      stopped(work);
      return;
    }
    work.at += part.length;
    remember(work);
    work.refused += found.refused.length;
    work.progress.value = work.at;
    for (const one of found.refused) refuse(work, one);
  }
  work.line.className = "bh-note bh-note-green";
  work.progress.remove();
  say(work, "Done", work.ids.length - work.refused);
  if (work.refused) work.failures.before(make("p", {}, work.form.dataset.bhSaidRefused));
  const back = make("a", { class: "btn btn-plain", href: work.form.dataset.bhList }, work.form.dataset.bhSaidBack);
  work.box.append(make("p", {}, back));
}

async function send(work, part) {
  const body = new URLSearchParams(work.data);
  for (const id of part) body.append("ids", id);
  try {
    const answer = await fetch(work.form.action, { method: "POST", headers: { Accept: "application/json" }, body });
    const found = await answer.json();
    return answer.ok && Array.isArray(found.refused) ? found : null;
  } catch {
    return null; // no connection, or the door is closed: what was done stays done
  }
}

function stopped(work) {
  say(work, "Broken", work.at);
  const more = make("button", { class: "btn btn-plain", type: "button" }, work.form.dataset.bhSaidMore);
  more.addEventListener("click", () => {
    more.remove();
    run(work);
  });
  work.line.append(more);
}

function say(work, what, n) {
  const text = work.form.dataset[`bhSaid${what}`].replace("{n}", n).replace("{total}", work.ids.length);
  work.line.querySelector("span").textContent = text;
}

function refuse(work, one) {
  const title = make("a", { class: "bh-row-title", href: `/tickets/${one.id}` }, `${one.number} ${one.title}`);
  work.failures.append(make("li", { class: "bh-row" }, make("div", {}, title, make("p", {}, one.sentence))));
}

const parts = document.querySelector("form[data-bh-bulk]");
if (parts) startParts(parts);
else if (left()?.url === location.href) sessionStorage.removeItem(LEFT); // nothing is left to do
for (const form of document.querySelectorAll("form[data-bh-select]")) startSelection(form);
