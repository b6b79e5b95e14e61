/** From rewards to advantages: a pure function and the settings of known codebases. For the update stage of a recipe. */
package org.caprl.trainer.advantage;
