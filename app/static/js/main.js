/** Everything that scripts add. Every page can be read and every form submitted without them. */

import { startForms } from "./forms.js";
import { startInserts } from "./inserts.js";
import { startKeys } from "./keys.js";
import { startMenus } from "./menus.js";

startMenus();
startForms();
startInserts();
startKeys();
