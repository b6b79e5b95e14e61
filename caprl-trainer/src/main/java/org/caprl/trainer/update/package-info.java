/** What turns gradients into new weights: the learning rate of each update. For recipes. */
package org.caprl.trainer.update;
