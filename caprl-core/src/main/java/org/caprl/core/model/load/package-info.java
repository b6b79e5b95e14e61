/** From a Hugging Face folder to a model: the only place that knows all families. */
package org.caprl.core.model.load;
