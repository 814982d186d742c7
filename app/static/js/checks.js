/**
 * What a browser can see is missing before a form is sent, said the way the server says it:
 * a summary that gets the focus and links to each field, and a sentence by the field.
 * The server checks everything again.
 */

import { make, say } from "./words.js";

/** Check `form` when it is submitted. */
export function startChecks(form) {
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formNoValidate) return;
    clear(form);
    const found = wrongs(form);
    if (!found.length) return;
    event.preventDefault();
    found.forEach(mark);
    summary(form, found).focus();
  });
  for (const field of form.querySelectorAll("input[type=file]")) {
    field.addEventListener("change", () => {
      unmark(field);
      const text = tooBig(field);
      if (text) mark({ field, text });
    });
  }
}

function wrongs(form) {
  const found = [];
  const groups = new Set();
  for (const field of form.elements) {
    if (!field.willValidate || (field.type === "radio" && groups.has(field.name))) continue;
    if (field.type === "radio") groups.add(field.name);
    const text = field.type === "file" ? tooBig(field) || problem(field) : problem(field);
    if (text) found.push({ field, text });
  }
  return found;
}

function problem(field) {
  const state = field.validity;
  if (state.valueMissing) {
    if (field.type === "checkbox") return say("tick");
    if (field.type === "file") return say("file");
    return say(field.type === "radio" || field.tagName === "SELECT" ? "choose" : "missing");
  }
  const length = [...field.value.trim()].length;
  if (field.minLength > 0 && length > 0 && length < field.minLength) {
    return say("short", { n: field.minLength - length });
  }
  if (state.rangeUnderflow || state.rangeOverflow) return say("range");
  if (state.badInput || state.typeMismatch || state.patternMismatch || state.stepMismatch) return say("wrong");
  return "";
}

function tooBig(field) {
  const max = Number(field.dataset.bhMaxMb || 0);
  const most = Number(field.dataset.bhMaxFiles || 0);
  if (most && field.files.length > most) return say("many", { max: most });
  for (const file of field.files) {
    const size = file.size / 1048576;
    if (max && size > max) return say("big", { name: file.name, size: size.toFixed(1), max });
  }
  return "";
}

/** A radio or a group of check boxes is marked as a whole. */
function place(field) {
  return field.type === "radio" ? field.closest("fieldset") ?? field : field;
}

function mark({ field, text }) {
  const target = place(field);
  const box = field.closest(".bh-field");
  if (!box || !target.id) return;
  unmark(field);
  const error = make(
    "p",
    { class: "invalid-feedback", id: `${target.id}-error`, "data-bh-checked": "" },
    make("i", { class: "bi bi-exclamation-circle", "aria-hidden": "true" }),
    ` ${text}`,
  );
  box.append(error);
  field.classList.add("is-invalid");
  if (target === field) target.setAttribute("aria-invalid", "true");
  const by = (target.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  target.setAttribute("aria-describedby", [...new Set([...by, error.id])].join(" "));
}

function unmark(field) {
  const target = place(field);
  document.getElementById(`${target.id}-error`)?.remove();
  field.classList.remove("is-invalid");
  target.removeAttribute("aria-invalid");
  const by = (target.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== `${target.id}-error`);
  if (by.length) target.setAttribute("aria-describedby", by.join(" "));
  else target.removeAttribute("aria-describedby");
}

function clear(form) {
  for (const field of form.elements) if (field.classList.contains("is-invalid")) unmark(field);
  for (const error of form.querySelectorAll("[data-bh-checked]")) error.remove();
  document.querySelector("[data-bh-errors]")?.remove();
}

function title(field) {
  const box = field.closest(".bh-field");
  const label = field.type === "radio" ? box?.querySelector("legend") : box?.querySelector("label");
  const copy = label?.cloneNode(true);
  copy?.querySelector(".bh-optional")?.remove();
  return copy?.textContent.trim() ?? "";
}

function summary(form, found) {
  const list = make("ul");
  for (const { field, text } of found) {
    const link = make("a", { href: `#${place(field).id}` }, say("says", { label: title(field), text }));
    link.addEventListener("click", (event) => {
      event.preventDefault();
      field.focus();
    });
    list.append(make("li", {}, link));
  }
  const head = make("h2", { id: "errors-title" }, say("errors", { n: found.length }));
  const box = make(
    "div",
    { class: "bh-errors", role: "alert", tabindex: "-1", "data-bh-errors": "", "aria-labelledby": "errors-title" },
    head,
    list,
  );
  form.prepend(box);
  return box;
}
