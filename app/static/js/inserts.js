/**
 * Buttons with `data-bh-insert="text"` put their text where the person was writing: into the field
 * of the form `data-bh-insert-into` that had the cursor last, or into its first text area.
 */

/** Attach to every such button, and show it: without scripts it would do nothing. */
export function startInserts() {
  for (const button of document.querySelectorAll("button[data-bh-insert]")) {
    const form = document.getElementById(button.dataset.bhInsertInto);
    if (!form) continue;
    watch(form);
    button.hidden = false;
    button.addEventListener("click", () => insert(form, button.dataset.bhInsert));
  }
}

const last = new WeakMap();

function watch(form) {
  if (last.has(form)) return;
  last.set(form, form.querySelector("textarea"));
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea, input[type=text]:not([data-bh-insert-not])")) last.set(form, event.target);
  });
}

function insert(form, text) {
  const field = last.get(form);
  if (!field) return;
  field.focus();
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
