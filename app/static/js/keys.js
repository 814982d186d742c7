/**
 * Single keys: `/` search, `g` then `d` the worklist, `j` and `k` rows, `Enter` open, `x` tick a row,
 * `n` and `p` the next and the previous ticket of the list one came from, a digit the button that
 * shows it, `?` this list.
 * Never inside a field or while a word is composed, never with Ctrl, Alt or Meta, and off with
 * `<body data-bh-keys="off">`. A keyboard that writes Chinese sends full-width signs.
 */

const typing = "input, textarea, select, [contenteditable]";
const SETTLED = 700; // ms: a key pressed twice must not decide about what has only just appeared
const begun = performance.now();
let waitsForTarget = false;
let at = -1;

/** Listen for keys unless the person has switched them off. */
export function startKeys() {
  const dialog = document.getElementById("keys");
  const help = document.querySelector("[data-bh-keys-help]");
  if (!dialog) return;
  if (help) {
    help.hidden = false;
    help.addEventListener("click", () => dialog.showModal());
  }
  if (document.body.dataset.bhKeys === "off") return;
  document.body.classList.add("has-keys");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest(typing) || document.querySelector("dialog[open]")) return;
    act(event, dialog);
  });
}

function act(event, dialog) {
  const second = waitsForTarget;
  waitsForTarget = false;
  if (second) {
    const link = document.querySelector(`[data-bh-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      location.assign(link.href);
    }
  } else if (event.key === "g") {
    waitsForTarget = true;
    setTimeout(() => {
      waitsForTarget = false;
    }, 1500);
  } else if (["/", "／", "、"].includes(event.key)) {
    search(event);
  } else if (["?", "？"].includes(event.key)) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.key === "j" || event.key === "k") {
    move(event, event.key === "j" ? 1 : -1);
  } else if (event.key === "x") {
    tick(event);
  } else if (event.key === "n" || event.key === "p") {
    document.querySelector(`[data-bh-step="${event.key}"]`)?.click();
  } else if (/^[1-9]$/.test(event.key.normalize("NFKC"))) {
    press(event);
  } else if (event.key === "Enter" && event.target.closest("a, button, summary") === null) {
    rows()[at]?.querySelector("a")?.click();
  }
}

function search(event) {
  const fields = [...document.querySelectorAll("input[type=search]")];
  const field = fields.find((each) => each.offsetParent !== null);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function press(event) {
  const button = document.querySelector(`[data-bh-press="${event.key.normalize("NFKC")}"]`);
  if (!button || event.repeat || performance.now() - begun < SETTLED) return;
  event.preventDefault();
  button.click();
}

function tick(event) {
  const box = rows()[at]?.querySelector("input[type=checkbox]");
  if (!box) return;
  event.preventDefault();
  box.click();
}

function rows() {
  return [...document.querySelectorAll("[data-bh-rows] > .bh-row, [data-bh-rows] > tbody > tr")].filter(
    (row) => row.querySelector("a") && row.offsetParent !== null,
  );
}

function move(event, step) {
  const all = rows();
  if (!all.length) return;
  event.preventDefault();
  all[at]?.classList.remove("is-at");
  at = Math.min(Math.max(at + step, 0), all.length - 1);
  all[at].classList.add("is-at");
  all[at].querySelector("a").focus();
}
