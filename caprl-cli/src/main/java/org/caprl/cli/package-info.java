/** The {@code caprl} command: one thin class a command; what they do lives in the other modules. */
package org.caprl.cli;
