package org.caprl.core.text.jinja;

/** The value of a variable or attribute that is not there: false, empty, prints as nothing; anything else done with it is a fault. */
record Undefined(String what) {
    Fault fault() {
        return new Fault(what + " is undefined");
    }
}
