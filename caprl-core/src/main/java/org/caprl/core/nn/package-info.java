/** Layers that model families share: parameters by their Hugging Face names, and blocks that read as a diagram. */
package org.caprl.core.nn;
