"""The photographs of the demo, with their areas for training and testing.

All of them ship with scikit-image or scikit-learn. The areas are chosen by hand so that the class can be recognised in
both parts. A training area and a test area of the same picture share no pixel.
"""

from __future__ import annotations

from neurflow.demo.reading import Picture
from neurflow.result.circuit import Box

PICTURES: tuple[Picture, ...] = (
    # One half of the face, the suit's patch and the helmet are for training; the other half of the face and
    # the collar's ring for testing. Crops are mirrored in training, so half a face is as good as a whole one.
    Picture(
        label="portrait",
        package="scikit-image",
        file="astronaut.png",
        size=(512, 512),
        sides=(90, 200),
        train=(Box(100, 0, 226, 210), Box(90, 0, 226, 300), Box(60, 200, 226, 512), Box(226, 310, 420, 512)),
        test=(Box(226, 10, 360, 310),),
        licence="NASA, public domain, no known copyright restrictions",
    ),
    # Both eyes, the nose, one ear and the stripes of the forehead are for training; the other ear, the cheek and
    # the neck for testing.
    Picture(
        label="cat",
        package="scikit-image",
        file="chelsea.png",
        size=(451, 300),
        sides=(80, 260),
        train=(Box(128, 0, 400, 300),),
        test=(Box(16, 0, 128, 300),),
        licence="CC0, by Stefan van der Walt",
    ),
    Picture(
        label="brick",
        package="scikit-image",
        file="brick.png",
        size=(512, 512),
        sides=(100, 240),
        train=(Box(0, 0, 312, 512),),
        test=(Box(312, 0, 512, 512),),
        licence="CC0, from CC0Textures",
    ),
    Picture(
        label="grass",
        package="scikit-image",
        file="grass.png",
        size=(512, 512),
        sides=(90, 220),
        train=(Box(0, 0, 312, 512),),
        test=(Box(312, 0, 512, 512),),
        licence="CC0, from DeviantArt (linolafett)",
    ),
    Picture(
        label="gravel",
        package="scikit-image",
        file="gravel.png",
        size=(512, 512),
        sides=(90, 220),
        train=(Box(0, 0, 312, 512),),
        test=(Box(312, 0, 512, 512),),
        licence="CC0, from CC0Textures",
    ),
    # The cup's half with the handle is for training; that with the spoon for testing.
    Picture(
        label="coffee",
        package="scikit-image",
        file="coffee.png",
        size=(600, 400),
        sides=(100, 240),
        train=(Box(60, 0, 295, 400),),
        test=(Box(295, 10, 490, 390),),
        licence="CC0, by Rachel Michetti, courtesy of Pikolo Espresso Bar",
    ),
    Picture(
        label="coins",
        package="scikit-image",
        file="coins.png",
        size=(384, 303),
        sides=(70, 180),
        train=(Box(0, 0, 235, 303), Box(235, 0, 384, 155)),
        test=(Box(235, 155, 384, 303),),
        licence="Brooklyn Museum, no known copyright restrictions",
    ),
    Picture(
        label="galaxies",
        package="scikit-image",
        file="hubble_deep_field.jpg",
        size=(1000, 872),
        sides=(110, 300),
        train=(Box(0, 0, 600, 872),),
        test=(Box(600, 0, 1000, 872),),
        licence="NASA, HubbleSite, public domain",
    ),
    Picture(
        label="tissue",
        package="scikit-image",
        file="ihc.png",
        size=(512, 512),
        sides=(100, 240),
        train=(Box(0, 0, 512, 290), Box(0, 290, 250, 512)),
        test=(Box(250, 290, 512, 512),),
        licence="Center for Microscopy And Molecular Imaging, no known copyright restrictions",
    ),
    Picture(
        label="moon",
        package="scikit-image",
        file="moon.png",
        size=(512, 512),
        sides=(110, 240),
        train=(Box(0, 0, 260, 512), Box(260, 280, 512, 512)),
        test=(Box(260, 30, 512, 280),),
        licence="not stated by scikit-image",
    ),
    # The rear wheel, the engine and the tank are for training; the front wheel and the fork for testing.
    Picture(
        label="motorcycle",
        package="scikit-image",
        file="motorcycle_left.png",
        size=(741, 500),
        sides=(110, 260),
        train=(Box(100, 100, 500, 460),),
        test=(Box(500, 225, 690, 460),),
        licence="Middlebury 2014 stereo benchmark, by D. Scharstein and others; licence not stated by scikit-image",
    ),
    Picture(
        label="page",
        package="scikit-image",
        file="page.png",
        size=(384, 191),
        sides=(70, 150),
        train=(Box(0, 0, 240, 191),),
        test=(Box(240, 0, 384, 160),),
        licence="not stated by scikit-image",
    ),
    # The optic disc and the fovea are for training.
    Picture(
        label="retina",
        package="scikit-image",
        file="retina.jpg",
        size=(1411, 1411),
        sides=(220, 600),
        train=(Box(120, 100, 1290, 760), Box(120, 760, 720, 1310)),
        test=(Box(720, 760, 1260, 1310),),
        licence="CC0, by Mikael Häggström",
    ),
    # The upper part of the rocket and the towers beside it are for training; its lower part for testing.
    Picture(
        label="rocket",
        package="scikit-image",
        file="rocket.jpg",
        size=(640, 427),
        sides=(90, 200),
        train=(Box(230, 60, 410, 265), Box(140, 170, 255, 427), Box(400, 170, 520, 427)),
        test=(Box(255, 265, 400, 427),),
        licence="SpaceX, public domain",
    ),
    # The left side and the top roof are for training; the lower right quarter of the tower for testing.
    Picture(
        label="temple",
        package="scikit-learn",
        file="china.jpg",
        size=(640, 427),
        sides=(90, 180),
        train=(Box(50, 20, 200, 400), Box(50, 20, 350, 180)),
        test=(Box(200, 180, 360, 390),),
        licence="CC BY 2.0, by danielbuechele",
    ),
    Picture(
        label="flower",
        package="scikit-learn",
        file="flower.jpg",
        size=(640, 427),
        sides=(80, 145),
        train=(Box(160, 80, 450, 220), Box(160, 80, 300, 365)),
        test=(Box(300, 220, 450, 365),),
        licence="Creative Commons, linked to CC BY 2.0; by vultilion on Flickr (the file names danielbuechele)",
    ),
)

CLASSES: tuple[str, ...] = tuple(picture.label for picture in PICTURES)
"""The demo's 16 class names, in the network's output order."""
