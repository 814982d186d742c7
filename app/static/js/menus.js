/** Floating menus close with Escape and a click elsewhere; a button may lead back, or print. */

/** Close floating details when attention goes elsewhere; wake the buttons that lead back or print. */
export function startMenus() {
  for (const button of document.querySelectorAll("[data-bh-back]")) {
    button.hidden = history.length < 2;
    button.addEventListener("click", () => history.back());
  }
  for (const button of document.querySelectorAll("[data-bh-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  const menus = [...document.querySelectorAll("details[data-bh-menu]")];
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus.filter((each) => each.open)) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  for (const menu of menus) {
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
  }
}
