"""The web application for a WSGI server (`app:app`); run as a program it supervises all processes."""

import gc
import os
import sys

if __name__ == "__main__":
    from smsapp.supervise.start import start

    sys.exit(start(os.environ))
else:
    from smsapp import create_app

    app = create_app()
    gc.freeze()  # what is loaded by now stays: looking through it for garbage would hold up a request for 0.1 s
