/**
 * On a form of a ticket: say every half minute that somebody is here, and show who else is.
 * The page stands in `data-bh-presence`; without scripts it says who was there when it was opened.
 */

const EVERY = 30000;

async function tell(box) {
  if (document.visibilityState === "hidden") return;
  const token = document.querySelector("input[name=csrf_token]")?.value ?? "";
  try {
    const answer = await fetch(box.dataset.bhPresence, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
    });
    if (!answer.ok) return;
    const { others } = await answer.json();
    show(box, others);
  } catch {
    // No connection, or signed out: the form still says so when it is sent.
  }
}

function show(box, others) {
  const line = box.querySelector("[data-bh-presence-said]");
  const text = others.join("");
  if (line.textContent !== text) line.textContent = text;
  box.querySelector(".bh-note").hidden = !text;
}

for (const box of document.querySelectorAll("[data-bh-presence]")) {
  tell(box);
  setInterval(() => tell(box), EVERY);
  document.addEventListener("visibilitychange", () => tell(box));
}
