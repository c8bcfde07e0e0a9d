package attribution

// Given names that are common in English-language news, by the gender that they
// tell. They are facts of the language like the other lists: a name that is not
// here tells nothing.

var givenMale = set(`aaron abdul abdullah abraham adam ade adrian ahmad ahmed aidan al alan alasdair albert alec alejandro alessandro alexander alexei alfie alfred ali
alistair allan allen alun alvin amir amit amos anatoly anders andre andreas andrei andrew andy angelo angus anil ansel anthony antoine antonio antony ari arjun arlo armando
arnold arthur arturo arun asif austin ayman barack barnaby barney barry bartholomew basil ben benedict benjamin benny bernard bernie bert bertrand bilal bill billy bjorn bob
bobby boris brad bradley brandon brendan brent brett brian bruce bruno bryan bryn byron caleb callum calum calvin carl carlo carlos cecil cedric chad charles charlie chester
chidi christian christoph christophe christopher chuck chukwu clarence claude claudio clement cliff clifford clint clive cole colin colm conor conrad cormac corey craig curtis
cyril cyrus dai dale damian damien damon dan daniel danny dara dariusz darren darryl dave david davide davis dean declan deepak dennis denis derek dermot derrick desmond devin
dexter diego dieter dimitri dirk dmitri dmitry dominic don donald donnie donovan doug dougal douglas duncan dustin dwayne dwight dylan eamon earl ed eddie edgar edmund eduardo
edward edwin efraim eitan eli elias elijah elliot elliott elon elvis emanuel emeka emil emilio emmanuel emmett emrys enrique eric erik ernest ernesto errol ethan eugene euan
evan everett ewan ezra fabian farhan farouk felix ferdinand fergus fernando filip finlay finn florian floyd francesco francisco franco francois frank franklin franz
fraser fred freddie frederick friedrich gabriel gareth garry gary gavin gaz gene geoff geoffrey george gerald gerard gerhard gerry gideon gilbert giles giorgio giovanni glen
glenn glyn goran gordon graeme graham grant greg gregor gregory guido guillaume guillermo gunnar gus gustav guy habib hamid hamish hamza hank hans harold harrison harry harvey
hasan hassan hector helmut hendrik henri henrik henry herbert herman hiroshi howard howell hugh hugo humphrey hussain hussein huw hywel iain ian ibrahim idris igor ikram imran
ioan ira irfan isaac isaiah ismail ivan ivor iwan jack jackson jacob jacques jake jakob jamal james jared jarrod jason jasper javier jed jeff jefferson jeffrey
jeremiah jeremy jermaine jerome jerry jesus jim jimmy joachim joao jock joe joel johan johannes john johnny jon jonah jonas jonathan jonny jonty jorge jose josef
joseph josh joshua juan julian julio julius jurgen justin kamal kareem karim karl kaspar keir keith kelvin ken kendrick kenneth kenny kevin khalid kieran kingsley kirk klaus
konrad kristof kurt kwabena kwame kwasi kyle lachlan lamar lance larry lars laurence lawrence lech lee leif len lenny leo leon leonard leonardo leroy lester lev levi
lewis liam lincoln lionel llewellyn lloyd logan lorcan lorenzo lou louis luca lucas lucian luigi luis luke luther magnus malcolm malik manfred manuel marc marcel marco marcos
marcus marek mario marius mark marlon marshall martin marty marvin massimo mateo mats matt matteo matthew matthias maurice mauricio max maxim maximilian maxwell mehmet mel
melvin michael micheal michel miguel mikael mike mikhail milan miles milo milos mitch mitchell mo mohamed mohammad mohammed moritz morris moses muhammad murray mustafa nabil
nadim narendra nasser nate nathan nathaniel ned neil nelson neville niall nicholas nick nicolas nico nigel nikhil nikolai nils noah noel norbert norman obi olaf oleg oliver
ollie olu olusegun omar orlando oscar osman oswald otis otto owen pablo paddy padraig paolo parker pascal patrick paul pavel pawel pedro percival percy perry pete peter petr
phil philip philippe phillip pierre piers piotr prakash quentin rafael rahul raj rajesh rajiv ralph rami ramon randall randy raphael rashid raul ravi ray raymond reece reg
reggie reginald reinhard rene reuben rex reza rhys ricardo richard rick ricky rishi rob robbie robert roberto rod roderick rodney rodrigo roger roland rolf roman ron ronald
ronan ronnie rory ross rowan roy rudolph rudy rufus rupert russ russell ryan sacha sajid saleem salim salman salvador samir sami samson samuel sandeep sanjay
sanjeev santiago saul scott seamus sean sebastian sergei sergey sergio seth shane shaun shawn sid sidney silvio simeon simon solomon spencer stan stanley stefan stefano
stephane stephen sterling steve steven stewart stuart sunil sven syed sylvester tariq ted terence terrance terrell terry theo theodore thomas thorsten tim timothy tobias toby
todd tom tomas tomasz tommy tony travis trent trevor tristan troy tyler tyrone ulrich usman uwe vadim valentin vernon victor vijay vikram vikesh vince vincent vinod virgil
vitaly vivek vlad vladimir volodymyr wade walid wallace wally walter warren wayne wesley wilbur wilfred wilhelm will willem william willie winston wojciech wolfgang xavier
yasser yiannis yosef yuri yusuf yves zachary zach zack zane zubair`)

var givenFemale = set(`aaliyah abbie abby abigail ada adaeze adele adriana agatha agnes agnieszka aileen aimee aisha aisling alana alejandra alessandra alexandra alexandria alexis
alice alicia alina alison allison alma althea alyssa amal amanda amara amber amelia amina amira amrita amy ana anabel anastasia andrea anette angela angelica angelina
angie anika anita anjali ann anna annabel annabelle anne annette annie annika anouk antonia anushka anya aoife april arabella ariana arlene asha astrid athena audrey
aurora ava ayesha barbara beata beatrice beatrix becca becky belinda bella bernadette bernice bertha beryl bess beth bethan bethany betsy bettina betty beverley beverly bianca
blanche blessing bonnie brenda briana bridget bridie brigid brigitte brittany bronwen bronwyn caitlin camilla camille candace candice cara carina carla carly carmel carmen
carol carole caroline carolyn carrie cassandra caterina catherine cathy catriona cecilia celeste celia celine chantal charis charity charlene charlotte chelsea cherie cheryl
chiara chipo chloe christa christina christine christy cindy claire clara clarissa claudia clementine clodagh colette colleen connie constance cora cordelia corinne courtney
cressida cristina crystal cynthia daisy dana dani daniela danielle daphne dawn deborah debbie debra deirdre delia delilah della delyth demelza denise desiree diana diane dina
dolores donna dora doreen doris dorothy edie edith edna edwina eileen eilidh eimear elaine eleanor elena elisa elisabeth elise eliza elizabeth ella elle ellen ellie elizabete
elodie eloise elsa elsie elspeth elva emily emma enid erica erika erin esme esmeralda esther ethel eugenie eunice eva evangeline eve evelyn evie faith farah farida farzana
fatima fay faye felicity fern fernanda fiona flavia fleur flora florence frances francesca francine freda freya frieda gabriela gabriella gabrielle gail gemma genevieve
georgia georgie georgina geraldine germaine gertrude gillian gina ginger ginny giovanna gisele giulia gladys glenda gloria glynis grace grainne greta gretchen guinevere gwen
gwendolyn gwyneth hafsa halima hana hannah harriet hattie hayley hazel heather hedda heidi helen helena helga henrietta hermione hettie hilary hilda hillary holly hope huma
ida imelda imogen ina indira ines inga ingrid irene irina iris irma isabel isabella isabelle isla isobel iva ivana ivanka ivy jacinta jackie jacqueline jacqui jade jana
jane janet janette janice janine jasmin jasmine jeanette jeanne jeannie jemima jemma jen jenna jennie jennifer jenny jessica jessie jill jillian jo joan joana joanna joanne
jocelyn jodie joelle josefina josephine josie joy joyce juanita judith judy julia juliana julie juliet juliette june justine kamala kara karen karin karina karla kate katerina
katharine katherine kathleen kathryn kathy katie katja katrina katy kay kayla kayleigh keira kellie kelly kemi kendra kerry kimberly kirsten kirsty kristen kristin kristina
kylie lana lara laura lauren laurie leah leanne leila lena lenore leona leonie lesley leticia lidia lila lillian lily lina linda lindsay lindsey lisa liz liza lizzie lois
lola loretta lorna lorraine lottie louisa louise lucia lucille lucinda lucy luisa lydia lynda lynn lynne lynette mabel maddie madeleine madeline madison mae maeve magda
magdalena maggie mairead maisie malala mandy mara marcella marcia margaret margarita margot marguerite maria mariam marian mariana marianne marie mariella marilyn marina
marion maris marisa marjorie marlene marsha martha martina mary matilda maud maude maureen mavis maxine maya megan meghan mei melanie melinda melissa mercedes mercy meredith
mia michaela michele michelle mildred millicent millie mina mindy minnie mira miranda miriam moira molly mona monica monique morag morwenna mpho muriel myra myrtle
nadia nadine nancy naomi natalia natalie natasha neha nell nellie nerys nessa ngozi nia niamh nichola nicola nicole nikki nina nora noreen norma octavia odette 
olga olive olivia olwen oona opal ophelia orla padma paige pam pamela pansy parveen patience patricia patsy paula paulette pauline pearl peggy penelope penny petra
philippa phoebe phyllis pippa polly poppy priscilla priti priya prudence queenie rachael rachel rana rasha razia rebecca regina rehana renata renee rhea rhian rhiannon
rhoda rhona rita roberta robyn rochelle roisin romola ronda rosa rosalie rosalind rosamund rosanna rose roseanne rosemary rosie roslyn rowena roxanne ruby ruth sabina sabine
sabrina sadia sadie safiya sally samantha samira sandra sangeeta sapna sara sarah saskia selena selina selma seren serena shabana shania shanice shannon sharmila sharon
sheena sheila shelley shelly sheri sherry shirin shirley shona siân sian sibyl sienna sigrid silvia simone sinead siobhan sofia sonia sonya sophia sophie soraya stacey stacy
stella stephanie sue suella sunita supriya susan susanna susannah susie suzanne sybil sylvia tabitha tamara tamsin tania tanya tara tasha tatiana teresa terri tess tessa
thea thelma theresa therese thora tiffany tilda tilly tina toni tracey tracy tricia trina trisha trudie trudy una ursula uzma valeria valerie vanessa vera verity verona
veronica vicki vicky victoria viola violet virginia vivian vivien vivienne wanda wendy whitney wilhelmina willa willow wilma winifred winnie yasmin yasmine yetunde yolanda
yvette yvonne zadie zainab zara zelda zeinab zoe zofia zoya zsofia zuzanna`)

var givenEither = set(`alex angel ashley cameron casey chris dale drew francis frankie hayden jamie jan jean jess jesse jordan jules kai kim kit leslie mackenzie max morgan nicky
olamide pat payton quinn ranjit riley robin sam sandy sasha shea sidney sky stevie taylor toni val yinka zain`)

// genderOfName is 'm' or 'f' where the given name tells it, else 0.
func genderOfName(given string) byte {
	switch {
	case givenEither[given] || givenMale[given] && givenFemale[given]:
		return 0
	case givenMale[given]:
		return 'm'
	case givenFemale[given]:
		return 'f'
	}
	return 0
}

// givenName reports whether the word, in lower case, is a given name.
func givenName(w string) bool { return givenMale[w] || givenFemale[w] || givenEither[w] }
