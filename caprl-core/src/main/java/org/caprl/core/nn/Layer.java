package org.caprl.core.nn;

import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;

/** What works on each row by itself: a norm, an MLP. */
public interface Layer {
    /** x [M, in] → [M, out]. */
    Var forward(Pass pass, Var x);
}
