/** Small helps inside a form: counted characters, questions that depend on an answer, repeated groups. */

import { say } from "./words.js";

/** Say below a field how much is written and how much is missing. */
export function startCounters(scope) {
  for (const place of scope.querySelectorAll("[data-bh-count]")) {
    const field = document.getElementById(place.dataset.bhCount);
    if (!field) continue;
    const show = () => {
      const n = [...field.value.trim()].length;
      const least = Math.max(field.minLength, 0);
      const most = field.maxLength > 0 ? field.maxLength : 0;
      const over = most && n > most;
      place.classList.toggle("is-over", Boolean(over));
      if (over) place.textContent = say("count_over", { n, more: n - most });
      else if (n < least) place.textContent = say("count_min", { n, less: least - n });
      else place.textContent = say(most ? "count_of" : "count", { n, max: most });
    };
    if (field.dataset.bhCounted) continue;
    field.dataset.bhCounted = "";
    field.addEventListener("input", show);
    show();
  }
}

/** Show `[data-bh-when="name=value"]` only while that answer is chosen; hidden fields are not sent. */
export function startWhens(form) {
  const blocks = [...form.querySelectorAll("[data-bh-when]")];
  if (!blocks.length) return;
  const show = () => {
    for (const block of blocks) {
      const [name, value] = block.dataset.bhWhen.split("=");
      const asked = [...form.elements].some(
        (field) => field.name === name && field.value === value && (field.checked || field.tagName === "SELECT"),
      );
      block.hidden = !asked;
      for (const field of block.querySelectorAll("input, select, textarea, button")) field.disabled = !asked;
    }
  };
  form.addEventListener("change", show);
  form.addEventListener("reset", () => setTimeout(show, 0));
  show();
}

/**
 * In a list with `data-bh-groups="name"`, offer only the group called as what is chosen in `name`.
 *
 * Where that has no group, nothing is asked; where nothing is chosen yet, all groups are offered.
 */
export function startGroups(form) {
  for (const list of form.querySelectorAll("select[data-bh-groups]")) {
    const above = form.elements[list.dataset.bhGroups];
    const groups = [...list.querySelectorAll("optgroup")];
    const show = () => {
      const name = above.value ? above.selectedOptions[0].text.trim() : "";
      for (const group of groups) group.hidden = group.disabled = Boolean(name) && group.label !== name;
      if (list.selectedOptions[0]?.closest("optgroup")?.disabled) list.value = "";
      list.closest(".bh-field").hidden = groups.every((group) => group.disabled);
    };
    form.addEventListener("change", show);
    form.addEventListener("reset", () => setTimeout(show, 0));
    show();
  }
}

/** Add and remove groups of fields without a round trip; names and ids carry their number. */
export function startRepeats(form) {
  for (const list of form.querySelectorAll("[data-bh-repeat]")) startRepeat(list);
}

function startRepeat(list) {
  const said = list.querySelector("[data-bh-repeat-said]");
  const items = () => [...list.querySelectorAll(":scope > [data-bh-repeat-item]")];
  const refresh = () => {
    items().forEach((item, index) => number(item, list.dataset.bhRepeat, index));
    for (const item of items()) item.querySelector("[data-bh-repeat-remove]").hidden = items().length === 1;
    list.querySelector("[data-bh-repeat-add]").hidden = items().length >= Number(list.dataset.bhRepeatMax);
  };
  list.addEventListener("click", (event) => {
    const add = event.target.closest("[data-bh-repeat-add]");
    const remove = event.target.closest("[data-bh-repeat-remove]");
    if (add) {
      event.preventDefault();
      const fresh = empty(items().at(-1).cloneNode(true));
      items().at(-1).after(fresh);
      refresh();
      startCounters(fresh);
      fresh.querySelector("input, textarea, select")?.focus();
      said.textContent = say("added", { n: items().length });
    } else if (remove && items().length > 1) {
      event.preventDefault();
      remove.closest("[data-bh-repeat-item]").remove();
      refresh();
      items().at(-1).querySelector("input, textarea, select")?.focus();
      said.textContent = say("removed");
    }
    if (add || remove) list.dispatchEvent(new Event("input", { bubbles: true }));
  });
  list.bhGrow = (count) => {
    while (items().length < count) {
      items().at(-1).after(empty(items().at(-1).cloneNode(true)));
      refresh();
    }
    startCounters(list);
  };
  refresh();
}

function empty(item) {
  for (const field of item.querySelectorAll("input, textarea, select")) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else if (field.tagName === "SELECT") field.selectedIndex = 0;
    else field.value = "";
    delete field.dataset.bhCounted;
    field.classList.remove("is-invalid");
    field.removeAttribute("aria-invalid");
  }
  for (const other of item.querySelectorAll(".invalid-feedback, [data-bh-kept]")) other.remove();
  return item;
}

function number(item, name, index) {
  const old = new RegExp(`^${name}-\\d+`);
  const fresh = `${name}-${index}`;
  for (const element of item.querySelectorAll("*")) {
    for (const key of ["id", "name", "for", "data-bh-count"]) {
      const value = element.getAttribute(key);
      if (value && old.test(value)) element.setAttribute(key, value.replace(old, fresh));
    }
    const described = element.getAttribute("aria-describedby");
    if (described) element.setAttribute("aria-describedby", described.split(" ").map((id) => id.replace(old, fresh)).join(" "));
  }
  item.querySelector("[data-bh-repeat-remove]").value = index;
  const title = item.querySelector("[data-bh-repeat-number]");
  if (title) title.textContent = say("item", { n: index + 1 });
}
