/** What surrounds a recipe when it runs: where its parts are placed, and what the user sees meanwhile. For the command line. */
package org.caprl.trainer.launch;
